// Marked lines: by a click on a number or by keys, in the address, as text.

import { plainText } from "./log-lines.js";
import { showInAddress } from "./log-links.js";

/** A click on a line's number marks it, with Shift all lines up to it; the address tells which. */
export function mark(view, event) {
  const line = event.target.closest(".log-line[data-number]");
  if (!line || !view.large) return;
  if (
    event.clientX - line.getBoundingClientRect().left >
    parseFloat(getComputedStyle(line).paddingLeft)
  )
    return;
  const number = Number(line.dataset.number);
  const [begin, end] = view.selection ?? [];
  if (event.shiftKey && view.selection)
    view.selection = [Math.min(begin, number), Math.max(end, number)];
  else view.selection = begin === number && end === number ? null : [number, number];
  view.moving = number;
  view.stuck = false;
  marked(view);
}

/** Shift with an arrow key marks the line on top, then one line more or less; Escape marks none. */
export function markByKey(view, event) {
  if (event.target !== view.box || !view.large) return;
  const down = event.key === "ArrowDown";
  if (event.key === "Escape" && view.selection) view.selection = null;
  else if (event.shiftKey && (down || event.key === "ArrowUp") && view.lines.count)
    step(view, down ? 1 : -1);
  else return;
  event.preventDefault();
  event.stopPropagation();
  marked(view);
  view.voice.tell(said(view.selection));
}

function step(view, by) {
  if (!view.selection) {
    // The first line of which one sees all.
    const line = Math.min(view.topLine() + 1, view.lines.count - 1);
    view.moving = view.lines.number(line);
    view.selection = [view.moving, view.moving];
  } else {
    const [begin, end] = view.selection;
    const fixed = view.moving === begin ? end : begin;
    view.moving = view.lines.number(
      Math.max(0, Math.min(view.lines.index(view.moving ?? end) + by, view.lines.count - 1)),
    );
    view.selection = [Math.min(fixed, view.moving), Math.max(fixed, view.moving)];
  }
  view.reveal(view.lines.index(view.moving));
}

function marked(view) {
  showInAddress(view.dataset.command, view.selection);
  view.foot.selected(view.selection);
  view.paint(true);
}

function said(lines) {
  if (!lines) return "No line is marked";
  return lines[1] > lines[0]
    ? `Lines ${lines[0]} to ${lines[1]} are marked`
    : `Line ${lines[0]} is marked`;
}

/** The marked lines of a view as text, else all that its filter lets through. */
export function textOf({ layout, lines, selection }) {
  const found = [];
  for (let at = 0; at < layout.count; at += 1) {
    const index = layout.line(at);
    const number = selection ? lines.number(index) : 0;
    if (!selection || (number >= selection[0] && number <= selection[1]))
      found.push(plainText(lines.list[index]));
  }
  return found.join("\n");
}
