// One line of a log as an element: colours, matches, number, time.

import { element } from "./elements.js";
import { segments } from "./log-lines.js";
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
  let at = 0;
  for (const { text, style } of segments(line)) {
    const target = Object.keys(style).length ? made.appendChild(span(style)) : made;
    append(target, text, at, marks);
    at += text.length;
  }
  return made;
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
