// The elements of a log view: the box that scrolls, in it as much room as all lines take, and its
// buttons.

import { button, element } from "./elements.js";

export function buildBox(view) {
  const box = element("div", "log-scroll");
  box.tabIndex = 0;
  box.setAttribute("role", "log");
  box.setAttribute("aria-live", "off");
  box.setAttribute("aria-label", "Output");
  if (view.large)
    box.setAttribute(
      "aria-description",
      "Slash finds text. Shift with the arrow keys marks lines, Escape marks none.",
    );
  const canvas = element("div", "log-canvas");
  const rows = element("div", "log-window");
  canvas.append(rows);
  box.append(canvas);
  const earlier = hidden("button ghost small log-earlier", "", () =>
    view.start({ everything: true }),
  );
  const down = hidden("button round latest log-latest", "Latest ↓", () => {
    view.stuck = true;
    view.paint();
    box.focus();
  });
  return { box, canvas, window: rows, earlier, down };
}

function hidden(css, words, act) {
  const made = button(css, words, act);
  made.hidden = true;
  return made;
}
