// One line of a log as an element: colours, matches, number, time.

import { segments } from "./log-lines.js";

const NAMED = /^[a-z-]+$/;
const FLAGS = ["bold", "faint", "italic", "underline", "struck"];

/** `marks`: [begin, end] pairs in the text that a search has found. */
export function row(line, { number, marks = [], current = false, selected = false }) {
  const made = element("div", "log-line");
  if (line.stream !== 1) made.dataset.stream = String(line.stream);
  if (line.stream) made.dataset.number = String(number);
  if (line.at) made.dataset.time = clock(line.at);
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
  const piece = element("span", FLAGS.filter((name) => style[name]).map((name) => `ansi-${name}`).join(" "));
  const front = style.inverse ? style.back ?? "surface" : style.front;
  const back = style.inverse ? style.front ?? "text" : style.back;
  if (front) piece.style.color = colour(front);
  if (back) piece.style.backgroundColor = colour(back);
  return piece;
}

function colour(name) {
  if (name === "surface" || name === "text") return `var(--${name})`;
  return NAMED.test(name) ? `var(--ansi-${name}, var(--ansi-${name.replace("bright-", "")}))` : name;
}

function clock(ms) {
  const time = new Date(ms);
  const two = (number) => String(number).padStart(2, "0");
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${String(time.getMilliseconds()).padStart(3, "0")}`;
}

export function readable(size) {
  if (size < 1000) return `${size} B`;
  if (size < 1e6) return `${(size / 1e3).toFixed(1)} kB`;
  return `${(size / 1e6).toFixed(1)} MB`;
}

export function element(tag, css, text = "") {
  const made = document.createElement(tag);
  made.className = css;
  if (text) made.textContent = text;
  return made;
}

export function icon(name, css = "small") {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", `icon ${css}`);
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${new URL("../icons/sprite.svg", import.meta.url).pathname}#${name}`);
  svg.append(use);
  return svg;
}
