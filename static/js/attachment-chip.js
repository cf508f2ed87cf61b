// One file above the message: its picture or icon, name, size, progress, and a way to take it back.

import { button, element, icon } from "./elements.js";
import { size as inUnits } from "./units.js";

/** Make a chip that is coming; `remove` is called by its button. */
export function chip({ name, size }, remove) {
  const made = element("li", "chip");
  made.dataset.state = "coming";
  const words = element("span", "chip-name clip", name);
  words.title = name;
  const extent = element("span", "chip-size", inUnits(size));
  const bar = element("progress");
  bar.setAttribute("aria-label", `Upload of ${name}`);
  bar.value = 0;
  const away = button("button ghost icon-only small", "", remove);
  away.append(icon("x"));
  away.setAttribute("aria-label", `Remove ${name}`);
  away.title = "Remove";
  made.append(icon("file-text"), words, extent, bar, away);

  const self = {
    element: made,
    name,
    id: "",
    remove: () => made.remove(),
    progress(part) {
      bar.value = part;
    },
    ready(found) {
      self.id = found.id;
      made.dataset.state = "ready";
      made.dataset.kept = JSON.stringify({ id: found.id, name });
      bar.remove();
      const field = element("input");
      Object.assign(field, { type: "hidden", name: "attachment", value: found.id });
      made.append(field);
      if (found.width) made.firstChild.replaceWith(thumbnail(found));
      if (!found.too_large_to_see) return;
      made.dataset.note = "";
      extent.textContent = "too large for models to see";
      extent.title = "It goes into the workspace as it is, where commands can use it.";
    },
    failed(why) {
      made.dataset.state = "failed";
      bar.remove();
      extent.textContent = "not attached";
      made.title = why;
    },
    offerSmaller(act) {
      const less = button("button ghost small", "Make smaller", act);
      less.title = "Attach a smaller copy in its place, which models can see";
      away.before(less);
    },
    offerText(act) {
      const undo = button("button ghost small", "Undo", act);
      undo.title = "Put the text into the message";
      away.before(undo);
    },
  };
  return self;
}

function thumbnail(found) {
  const image = element("img", "chip-picture");
  Object.assign(image, { src: `/attachments/${found.id}/`, alt: "", width: 28, height: 28 });
  return image;
}
