// Finding text in the lines of a log, in slices so that the page never stops for it.

import { plainText } from "./log-lines.js";

const SLICE_MS = 8;
const MAX_MATCHES = 50_000;

export class Search {
  /** `told` is called when there are more matches or the one that is looked at has changed. */
  constructor(told) {
    this.told = told;
    this.clear();
  }

  clear() {
    this.pattern = null;
    this.matches = [];
    this.current = -1;
    this.next = 0;
    this.problem = "";
  }

  /** Look for `text`; `/…/` is a regular expression. Small letters match capitals too. */
  start(text, lines, from = 0) {
    this.clear();
    this.lines = lines;
    if (!text) return this.told();
    const expression = /^\/(.+)\/$/.exec(text);
    const flags = text === text.toLowerCase() ? "i" : "";
    try {
      this.pattern = new RegExp(
        expression ? expression[1] : text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"),
        `${flags}gu`,
      );
    } catch {
      this.problem = "not an expression";
      return this.told();
    }
    this.from = from;
    this.go();
  }

  /** Lines from `index` on are new or have grown. */
  changed(index) {
    if (!this.pattern) return;
    while (this.matches.length && this.matches.at(-1) >= index) this.matches.pop();
    this.next = Math.min(this.next, index);
    this.go();
  }

  go() {
    if (this.due) return;
    this.due = true;
    setTimeout(() => {
      this.due = false;
      this.slice();
    });
  }

  slice() {
    if (!this.pattern) return;
    const until = performance.now() + SLICE_MS;
    while (this.next < this.lines.count && this.matches.length < MAX_MATCHES) {
      if (this.find(this.lines.list[this.next]).length) this.matches.push(this.next);
      this.next += 1;
      if (!(this.next & 63) && performance.now() > until) break;
    }
    if (this.current < 0 && this.matches.length) {
      const ahead = this.matches.findIndex((line) => line >= this.from);
      if (ahead >= 0 || this.done) this.current = Math.max(0, ahead);
    }
    this.told();
    if (!this.done) this.go();
  }

  get done() {
    return this.next >= this.lines.count || this.matches.length >= MAX_MATCHES;
  }

  /** [begin, end] of each match in a line. */
  find(line) {
    if (!this.pattern || !line.stream) return [];
    const found = [];
    this.pattern.lastIndex = 0;
    for (const match of plainText(line).matchAll(this.pattern))
      if (match[0]) found.push([match.index, match.index + match[0].length]);
    return found;
  }

  step(by) {
    if (!this.matches.length) return;
    this.current = (this.current + by + this.matches.length) % this.matches.length;
    this.told(true);
  }

  get line() {
    return this.matches[this.current] ?? -1;
  }

  get words() {
    if (this.problem) return this.problem;
    if (!this.pattern) return "";
    if (!this.matches.length) return this.done ? "No match" : "…";
    const more = this.matches.length >= MAX_MATCHES ? "+" : this.done ? "" : "…";
    return `${this.current + 1}/${this.matches.length.toLocaleString("en")}${more}`;
  }
}
