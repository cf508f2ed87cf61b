// <log-view data-command data-after data-size>: a live log of which only the visible lines exist.

import { buildBox } from "./log-box.js";
import { begin } from "./log-follow.js";
import { buildFoot } from "./log-foot.js";
import { columns, Layout, ROW } from "./log-layout.js";
import { Lines } from "./log-lines.js";
import { row } from "./log-rows.js";
import { Search } from "./log-search.js";
import { mark, markByKey, textOf } from "./log-selection.js";
import { buildTools, kept } from "./log-tools.js";
import { Voice } from "./log-voice.js";
import { unwatch, watch } from "./watching.js";

const SPARE = 20;
const ANCHOR_MS = 3000;
// Browsers stop at about 17 million pixels; so many lines are kept, the rest is in the download.
const MAX_LINES = 900_000;

class LogView extends HTMLElement {
  static observedAttributes = ["data-command"];

  connectedCallback() {
    if (!this.box) this.build();
    watch(this);
    if (!this.source) this.start();
  }

  disconnectedCallback() {
    unwatch(this);
    this.source?.close();
  }

  attributeChangedCallback(_name, before, now) {
    if (this.box && before !== now) this.start();
  }

  seen(visible) {
    this.visible = visible;
    // Nobody looks: nothing is sent. The cursor brings the rest later.
    if (visible) {
      this.source?.open();
      this.paint(true);
    } else this.source?.close();
  }

  get large() {
    return this.dataset.size === "large";
  }

  build() {
    this.replaceChildren();
    this.layout = new Layout();
    this.lines = new Lines();
    this.search = new Search((moved) => this.searched(moved));
    Object.assign(this, buildBox(this));
    this.voice = new Voice();
    if (this.large) {
      this.toggleAttribute("data-wrap", kept("wrap"));
      this.toggleAttribute("data-times", kept("times"));
      this.tools = buildTools(this);
      this.append(this.tools, this.earlier);
    }
    this.foot = buildFoot(this);
    this.append(this.box, this.foot, this.down, this.voice.element);
    this.box.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.box.addEventListener(
      "wheel",
      (event) => {
        if (event.deltaY < 0) this.stuck = false;
      },
      { passive: true },
    );
    for (const kind of ["wheel", "keydown", "pointerdown"])
      this.box.addEventListener(
        kind,
        () => {
          this.anchor = null;
        },
        { passive: true },
      );
    this.box.addEventListener("click", (event) => mark(this, event));
    this.box.addEventListener("keydown", (event) => markByKey(this, event));
  }

  start(how) {
    begin(this, how);
  }

  word(text) {
    this.foot.querySelector(".log-word").textContent = text;
  }

  changed(index) {
    this.from = Math.min(this.from ?? Infinity, index);
    if (this.due) return;
    this.due = true;
    requestAnimationFrame(() => {
      this.due = false;
      this.takeIn();
    });
  }

  takeIn() {
    if (this.lines.count > MAX_LINES) {
      this.lines.drop(this.lines.count - MAX_LINES + 10_000);
      this.layout.reset();
      this.from = 0;
    }
    const from = Math.min(this.from ?? 0, this.lines.count);
    this.from = Infinity;
    this.layout.update(this.lines, from);
    this.search.changed(from);
    if (this.pending && this.lines.number(this.lines.count - 1) >= this.pending[0])
      this.show(this.pending[0]);
    if (this.large && this.stuck && this.hasAttribute("data-running"))
      this.voice.follow(this.lines);
    this.paint(true);
  }

  filter(stream) {
    const line = this.topLine();
    this.layout.stream = stream;
    this.relaid(line);
  }

  wrap(on) {
    const line = this.topLine();
    this.toggleAttribute("data-wrap", on);
    this.relaid(line);
  }

  /** The first line that one sees. */
  topLine() {
    return this.layout.count ? this.layout.line(this.layout.at(this.box.scrollTop)) : 0;
  }

  relaid(line) {
    this.layout.columns = this.hasAttribute("data-wrap") ? columns(this.box, this.window) : 0;
    this.layout.reset();
    this.layout.update(this.lines, 0);
    this.paint(true);
    if (!this.stuck) this.box.scrollTop = this.layout.top(this.layout.row(line));
    this.paint(true);
  }

  resized() {
    if (this.hasAttribute("data-wrap") && this.layout.columns !== columns(this.box, this.window)) {
      return this.relaid(this.topLine());
    }
    this.paint(true);
  }

  scrolled() {
    const end = this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight < ROW;
    if (end) this.stuck = true;
    else if (!this.painting) this.stuck = false;
    this.paint();
  }

  searched(moved) {
    this.tools?.told(this.search);
    const line = this.search.line;
    if (line >= 0 && line !== this.found) {
      if (moved || this.found === undefined || this.found < 0) this.reveal(line);
    }
    this.found = line;
    this.paint(true);
  }

  /** Scroll to the line with a number, and keep to it. */
  show(number) {
    this.pending = null;
    // The page may still be taking shape, or lines before it may wrap otherwise than reckoned.
    this.anchor = { number, until: performance.now() + ANCHOR_MS };
    this.reveal(this.lines.index(number));
  }

  reveal(line) {
    this.stuck = false;
    const top = this.layout.top(this.layout.row(line));
    const { scrollTop, clientHeight } = this.box;
    this.canvas.style.height = `${this.layout.height}px`;
    if (top < scrollTop || top > scrollTop + clientHeight - 2 * ROW)
      this.box.scrollTop = Math.max(0, top - clientHeight / 3);
  }

  /** The marked lines as text, else all that the filter lets through. */
  text() {
    return textOf(this);
  }

  paint(fresh = false) {
    this.toggleAttribute("data-blank", !this.lines.count);
    this.down.hidden = this.stuck || !this.lines.count;
    if (!this.visible || !this.box.clientHeight) return;
    this.canvas.style.height = `${this.layout.height}px`;
    if (!this.large)
      this.style.height = `${Math.min(9, Math.max(1, this.layout.count)) * ROW + 12}px`;
    if (this.stuck) this.toEnd();
    else if (this.anchor) this.reveal(this.lines.index(this.anchor.number));
    if (this.anchor?.until < performance.now()) this.anchor = null;
    const first = Math.max(0, this.layout.at(this.box.scrollTop) - SPARE);
    const last = Math.min(
      this.layout.count,
      this.layout.at(this.box.scrollTop + this.box.clientHeight) + 1 + SPARE,
    );
    if (!fresh && first === this.first && last === this.last) return;
    this.first = first;
    this.last = last;
    this.window.style.transform = `translateY(${this.layout.top(first)}px)`;
    const rows = [];
    for (let at = first; at < last; at += 1) rows.push(this.row(this.layout.line(at)));
    this.window.replaceChildren(...rows);
    if (this.layout.columns) this.measure(first, rows);
  }

  row(index) {
    const line = this.lines.list[index];
    const number = this.lines.number(index);
    const selected = this.selection && number >= this.selection[0] && number <= this.selection[1];
    return row(line, {
      number,
      selected,
      marks: this.search.find(line),
      current: index === this.search.line,
    });
  }

  measure(first, rows) {
    let off = false;
    for (const [at, made] of rows.entries())
      off = this.layout.measured(first + at, made.offsetHeight) || off;
    if (!off) return;
    this.canvas.style.height = `${this.layout.height}px`;
    this.window.style.transform = `translateY(${this.layout.top(first)}px)`;
    if (this.stuck) this.toEnd();
  }

  toEnd() {
    this.painting = true;
    this.box.scrollTop = this.box.scrollHeight;
    requestAnimationFrame(() => {
      this.painting = false;
    });
  }
}

customElements.define("log-view", LogView);
