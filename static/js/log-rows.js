// One line of a log as an element: colours, matches, number, time.

import { button, element } from "./elements.js";
import { segments } from "./log-lines.js";
import { placesIn } from "./log-places.js";
import { timeOfDay } from "./units.js";

const NAMED = /^[a-z-]+$/;
const FLAGS = ["bold", "faint", "italic", "underline", "struck"];

/** `marks`: [begin, end] pairs in the text that a search has found. */
export function row(line, { number, marks = [], current = false, selected = false }) {
  const made = element("div", "log-line");
  if (line.stream !== 1) made.dataset.stream = String(line.stream);
  if (line.stream) made.dataset.number = String(number);
  if (line.at) made.dataset.time = timeOfDay(line.at);
  if (selected) made.dataset.selected = "";
  if (current) made.dataset.current = "";
  const pieces = segments(line);
  const places = marks.length ? [] : openable(pieces.map(({ text }) => text).join(""));
  let at = 0;
  for (const { text, style } of pieces) {
    const target = Object.keys(style).length ? made.appendChild(span(style)) : made;
    if (places.length) linked(target, text, at, places);
    else append(target, text, at, marks);
    at += text.length;
  }
  return made;
}

/** Where there is a panel of files to open them in. */
const openable = (text) => (document.getElementById("code-panel") ? placesIn(text) : []);

/** What a colour cuts through becomes a link in two parts. */
function linked(target, text, at, places) {
  let done = 0;
  for (const { begin, end, path, line } of places) {
    const from = Math.max(0, begin - at);
    const to = Math.min(text.length, end - at);
    if (to <= from) continue;
    target.append(text.slice(done, from));
    const link = button("log-place", text.slice(from, to));
    link.dataset.openFile = path;
    link.dataset.line = String(line);
    link.title = `Open ${path} at line ${line}`;
    target.append(link);
    done = to;
  }
  target.append(text.slice(done));
}

function append(target, text, at, marks) {
  let done = 0;
  for (const [begin, end] of marks) {
    const from = Math.max(0, begin - at);
    const to = Math.min(text.length, end - at);
    if (to <= from) continue;
    if (from > done) target.append(text.slice(done, from));
    const mark = element("mark", "log-mark");
    mark.textContent = text.slice(from, to);
    target.append(mark);
    done = to;
  }
  if (done < text.length) target.append(done ? text.slice(done) : text);
}

function span(style) {
  const piece = element(
    "span",
    FLAGS.filter((name) => style[name])
      .map((name) => `ansi-${name}`)
      .join(" "),
  );
  const front = style.inverse ? (style.back ?? "surface") : style.front;
  const back = style.inverse ? (style.front ?? "text") : style.back;
  if (front) piece.style.color = colour(front);
  if (back) piece.style.backgroundColor = colour(back);
  return piece;
}

function colour(name) {
  if (name === "surface" || name === "text") return `var(--${name})`;
  return NAMED.test(name)
    ? `var(--ansi-${name}, var(--ansi-${name.replace("bright-", "")}))`
    : name;
}
