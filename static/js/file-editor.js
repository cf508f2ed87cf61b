// The editor of a file: line numbers, Tab, Ctrl+S, and no change lost by a click elsewhere.

import { confirmed } from "./confirm.js";

const editor = () => document.querySelector("#file form[data-editor]");
const text = () => editor()?.querySelector("textarea");
let leaves = false;

/** Whether an editor is open that must not be replaced by news of the file. */
export const isEditing = () => Boolean(editor());

const isDirty = () => {
  const area = text();
  return Boolean(area) && (area.value !== area.defaultValue || area.dataset.dirty !== undefined);
};

/** True when nothing would be lost, or the person agrees to lose it. */
export async function mayLeave() {
  if (!isDirty()) return true;
  return confirmed(`Discard your changes to ${editor().querySelector(".file-head").dataset.path}?`);
}

export function startEditor() {
  document.addEventListener("input", (event) => {
    if (event.target === text()) update();
  });
  document.addEventListener(
    "scroll",
    (event) => {
      if (event.target === text()) follow();
    },
    true,
  );
  document.addEventListener("keydown", keys);
  document.addEventListener("htmx:after:swap", () => {
    const area = text();
    if (!area || area.dataset.ready) return;
    area.dataset.ready = "yes";
    update();
    area.focus();
    area.setSelectionRange(0, 0);
  });
  addEventListener("beforeunload", (event) => {
    if (isDirty()) event.preventDefault();
  });
}

function update() {
  const area = text();
  const numbers = editor().querySelector(".numbers");
  const lines = area.value.split("\n").length;
  if (numbers.childElementCount || numbers.textContent.split("\n").length !== lines) {
    numbers.textContent = Array.from({ length: lines }, (_, index) => index + 1).join("\n");
  }
  editor().querySelector("[data-editor-state]").textContent = isDirty() ? "Not saved" : "Editing";
  follow();
}

function follow() {
  editor().querySelector(".numbers").scrollTop = text().scrollTop;
}

function keys(event) {
  const area = text();
  if (!area) return;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
    event.preventDefault();
    editor().requestSubmit();
  }
  if (event.target !== area) return;
  if (event.key === "Escape") leaves = true;
  else if (event.key !== "Tab" && event.key !== "Shift") leaves = false;
  if (event.key === "Tab" && !leaves && !event.shiftKey) {
    event.preventDefault();
    // The one way to insert that can be undone.
    document.execCommand("insertText", false, /^\t/m.test(area.value) ? "\t" : indent(area.value));
  }
}

const indent = (value) => (/^ {2}\S/m.test(value) ? "  " : "    ");
