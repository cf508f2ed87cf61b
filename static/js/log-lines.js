// Bytes of two streams to lines: decoded as they come, carriage returns and colours kept per line.

const ESCAPES =
  /\x1b(?:\[([0-9;:]*)m|\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\|$)|[@-Z\\^_]|\[?[0-9;:?]*$)/g;
const COLOURS = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];
const PLAIN = Object.freeze({});
// A line that never ends (a progress bar, minified code) is cut here.
const MAX_LINE = 20_000;

/**
 * Lines of a log: `{text, stream, style, at}`; `style` is what colours were on at its start, `at`
 * when it was read.
 */
export class Lines {
  /** `first`: number of the first line. `skipFirst`: begins within a line, which is left out. */
  constructor({ first = 1, skipFirst = false } = {}) {
    this.list = [];
    this.base = first - 1;
    this.skipFirst = skipFirst;
    this.streams = { 1: stream(), 2: stream() };
    // Where numbers jump because output is not kept: [index, number] pairs.
    this.jumps = [];
  }

  get count() {
    return this.list.length;
  }

  /** The number of the line at `index`. */
  number(index) {
    let number = index + 1 + this.base;
    for (const [from, at] of this.jumps) if (index >= from) number = at + index - from;
    return number;
  }

  /** The index of the line with that number, or of the first after it. */
  index(number) {
    let index = number - 1 - this.base;
    for (const [from, at] of this.jumps)
      index = number >= at ? from + number - at : Math.min(index, from - 1);
    return Math.max(0, Math.min(index, this.count - 1));
  }

  /** Add bytes of a stream (1 stdout, 2 stderr); returns the first line that changed. */
  push(number, bytes, at = 0) {
    const state = this.streams[number] ?? this.streams[1];
    const text = state.decoder.decode(bytes, { stream: true });
    const first = state.open ? Math.max(0, this.list.lastIndexOf(state.open)) : this.list.length;
    let start = 0;
    while (start < text.length) {
      let end = text.indexOf("\n", start);
      const complete = end >= 0;
      if (!complete) end = text.length;
      this.extend(number, state, text.slice(start, end), at);
      if (complete) this.close(state);
      start = end + 1;
    }
    return first;
  }

  extend(number, state, piece, at) {
    if (!state.open) {
      state.open = { text: "", stream: number, style: state.style, at };
      if (this.skipFirst) {
        this.skipFirst = false;
        state.skipping = true;
      } else if (!state.skipping) this.list.push(state.open);
    }
    let text = state.open.text + piece;
    if (text.length > 512 && text.includes("\r")) text = overwritten(text);
    state.open.text = text.length > MAX_LINE ? text.slice(0, MAX_LINE) : text;
  }

  close(state) {
    if (!state.open) return;
    const line = state.open;
    if (line.text.endsWith("\r")) line.text = line.text.slice(0, -1);
    if (line.text.includes("\x1b")) state.style = styleAfter(line.text, line.style);
    state.open = null;
    state.skipping = false;
  }

  /** A line that is not the program's: something was left out; `next` is the number that follows. */
  note(text, next) {
    for (const state of Object.values(this.streams)) state.open = null;
    this.list.push({ text, stream: 0, style: PLAIN, at: 0 });
    this.jumps.push([this.list.length, next ?? this.number(this.list.length - 1)]);
  }

  /** Forget the first lines; the rest keep their numbers. */
  drop(count) {
    this.base = this.number(count) - 1;
    this.list.splice(0, count);
    this.jumps = this.jumps
      .filter(([from]) => from > count)
      .map(([from, at]) => [from - count, at]);
  }
}

/** What one reads of a line. */
export function plainText(line) {
  if (!line.text.includes("\x1b") && !line.text.includes("\r")) return line.text;
  return segments(line)
    .map((segment) => segment.text)
    .join("");
}

const stream = () => ({
  decoder: new TextDecoder("utf-8"),
  open: null,
  style: PLAIN,
  skipping: false,
});

/** A line in pieces of one style each; what a carriage return overwrote is gone. */
export function segments(line) {
  const text = line.text.includes("\r") ? overwritten(line.text) : line.text;
  if (!text.includes("\x1b")) return [{ text, style: line.style }];
  const pieces = [];
  let style = line.style;
  let at = 0;
  for (const match of text.matchAll(ESCAPES)) {
    if (match.index > at) pieces.push({ text: text.slice(at, match.index), style });
    at = match.index + match[0].length;
    if (match[1] !== undefined) style = applied(style, match[1]);
  }
  if (at < text.length) pieces.push({ text: text.slice(at), style });
  return pieces;
}

function overwritten(text) {
  const last = text.endsWith("\r");
  const runs = (last ? text.slice(0, -1) : text).split("\r");
  let kept = runs[0];
  for (const run of runs.slice(1)) {
    // With colours or a line cleared the later run stands alone; else it writes over the start.
    kept =
      run.includes("\x1b") || kept.includes("\x1b") || run.length >= kept.length
        ? run || kept
        : run + kept.slice(run.length);
  }
  return last ? `${kept}\r` : kept;
}

function styleAfter(text, style) {
  for (const match of text.matchAll(ESCAPES))
    if (match[1] !== undefined) style = applied(style, match[1]);
  return style;
}

function applied(before, codes) {
  const style = { ...before };
  const numbers = codes.split(/[;:]/).map((code) => Number(code) || 0);
  for (let at = 0; at < numbers.length; at += 1) {
    const code = numbers[at];
    if (code === 0) for (const name of Object.keys(style)) delete style[name];
    else if (code === 1) style.bold = true;
    else if (code === 2) style.faint = true;
    else if (code === 3) style.italic = true;
    else if (code === 4) style.underline = true;
    else if (code === 7) style.inverse = true;
    else if (code === 9) style.struck = true;
    else if (code === 22) {
      delete style.bold;
      delete style.faint;
    } else if (code === 23) delete style.italic;
    else if (code === 24) delete style.underline;
    else if (code === 27) delete style.inverse;
    else if (code === 29) delete style.struck;
    else if (code >= 30 && code <= 37) style.front = COLOURS[code - 30];
    else if (code === 39) delete style.front;
    else if (code >= 40 && code <= 47) style.back = COLOURS[code - 40];
    else if (code === 49) delete style.back;
    else if (code >= 90 && code <= 97) style.front = `bright-${COLOURS[code - 90]}`;
    else if (code >= 100 && code <= 107) style.back = `bright-${COLOURS[code - 100]}`;
    else if (code === 38 || code === 48) {
      const [colour, used] = extended(numbers, at + 1);
      if (colour) style[code === 38 ? "front" : "back"] = colour;
      at += used;
    }
  }
  return Object.keys(style).length ? style : PLAIN;
}

function extended(numbers, at) {
  if (numbers[at] === 5) return [indexed(numbers[at + 1] ?? 0), 2];
  if (numbers[at] === 2)
    return [
      `rgb(${numbers
        .slice(at + 1, at + 4)
        .map((part) => Math.min(255, part || 0))
        .join(" ")})`,
      4,
    ];
  return ["", 0];
}

function indexed(number) {
  if (number < 16) return number > 7 ? `bright-${COLOURS[number - 8]}` : COLOURS[number];
  if (number >= 232) {
    const grey = 8 + (number - 232) * 10;
    return `rgb(${grey} ${grey} ${grey})`;
  }
  const step = (value) => (value ? 55 + value * 40 : 0);
  const rest = number - 16;
  return `rgb(${step(Math.floor(rest / 36))} ${step(Math.floor(rest / 6) % 6)} ${step(rest % 6)})`;
}
