// Marked lines: by a click on a number, in the address, as text.

import { plainText } from "./log-lines.js";
import { showInAddress } from "./log-links.js";

/** A click on a line's number marks it, with Shift all lines up to it; the address tells which. */
export function mark(view, event) {
  const line = event.target.closest(".log-line[data-number]");
  if (!line || !view.large) return;
  if (event.clientX - line.getBoundingClientRect().left > parseFloat(getComputedStyle(line).paddingLeft)) return;
  const number = Number(line.dataset.number);
  const [begin, end] = view.selection ?? [];
  if (event.shiftKey && view.selection) view.selection = [Math.min(begin, number), Math.max(end, number)];
  else view.selection = begin === number && end === number ? null : [number, number];
  showInAddress(view.dataset.command, view.selection);
  view.stuck = false;
  view.foot.selected(view.selection);
  view.paint(true);
}

/** The marked lines of a view as text, else all that its filter lets through. */
export function textOf({ layout, lines, selection }) {
  const found = [];
  for (let at = 0; at < layout.count; at += 1) {
    const index = layout.line(at);
    const number = selection ? lines.number(index) : 0;
    if (!selection || (number >= selection[0] && number <= selection[1])) found.push(plainText(lines.list[index]));
  }
  return found.join("\n");
}
