// Splitters between panes: mouse, touch and keyboard; a double click resets.

import { remember } from "./preferences.js";

const DEFAULTS = { list: 15, chat: 36, top: 62 };

export function startSplitters() {
  for (const splitter of document.querySelectorAll("[data-splitter]")) wire(splitter);
}

function wire(splitter) {
  const pane = splitter.dataset.splitter;
  const vertical = pane === "top";
  const limits = [
    Number(splitter.getAttribute("aria-valuemin")),
    Number(splitter.getAttribute("aria-valuemax")),
  ];

  const set = (value, keep = true) => {
    const size = Math.round(Math.min(limits[1], Math.max(limits[0], value)) * 100) / 100;
    document.documentElement.style.setProperty(`--pane-${pane}`, `${size}%`);
    splitter.setAttribute("aria-valuenow", String(Math.round(size)));
    if (keep) remember({ panes: { [pane]: size } });
  };
  const percent = (event) => {
    const frame = (
      vertical ? splitter.parentElement : document.querySelector(".workbench")
    ).getBoundingClientRect();
    if (vertical) return ((event.clientY - frame.top) / frame.height) * 100;
    const before = splitter.previousElementSibling.getBoundingClientRect();
    return ((event.clientX - before.left) / frame.width) * 100;
  };

  splitter.addEventListener("pointerdown", (down) => {
    down.preventDefault();
    splitter.setPointerCapture(down.pointerId);
    // While one drags, the preview must not swallow the pointer.
    document.body.dataset.dragging = vertical ? "row" : "col";
    const move = (event) => set(percent(event), false);
    const end = () => {
      delete document.body.dataset.dragging;
      splitter.removeEventListener("pointermove", move);
      set(
        parseFloat(document.documentElement.style.getPropertyValue(`--pane-${pane}`)) ||
          DEFAULTS[pane],
      );
    };
    splitter.addEventListener("pointermove", move);
    splitter.addEventListener("lostpointercapture", end, { once: true });
  });
  splitter.addEventListener("dblclick", () => set(DEFAULTS[pane]));
  splitter.addEventListener("keydown", (event) => {
    const now = Number(splitter.getAttribute("aria-valuenow"));
    const step = event.shiftKey ? 10 : 2;
    const moves = {
      [vertical ? "ArrowUp" : "ArrowLeft"]: now - step,
      [vertical ? "ArrowDown" : "ArrowRight"]: now + step,
      Home: limits[0],
      End: limits[1],
      Enter: DEFAULTS[pane],
    };
    if (!(event.key in moves)) return;
    event.preventDefault();
    set(moves[event.key]);
  });
}
