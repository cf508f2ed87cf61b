// <log-view data-command data-after data-size>: a live log of which only the visible lines exist.

import { copyText } from "./copy.js";
import { Lines, segments } from "./log-lines.js";
import { LogSource } from "./log-source.js";

const ROW = 18;
const SPARE = 20;
// Browsers stop at about 33 million pixels; so many lines are kept, the rest is in the download.
const MAX_LINES = 1_000_000;
const NAMED = /^[a-z]+$/;

class LogView extends HTMLElement {
  static observedAttributes = ["data-command"];

  connectedCallback() {
    if (!this.box) this.build();
    this.watcher = new IntersectionObserver(([entry]) => {
      this.visible = entry.isIntersecting;
      // Nobody looks: nothing is sent. The cursor brings the rest later.
      if (this.visible) { this.source?.open(); this.paint(); } else this.source?.close();
    });
    this.watcher.observe(this);
    this.sizes = new ResizeObserver(() => this.paint());
    this.sizes.observe(this);
    if (!this.source) this.start();
  }

  disconnectedCallback() {
    this.watcher?.disconnect();
    this.sizes?.disconnect();
    this.source?.close();
  }

  attributeChangedCallback(name, before, now) {
    if (this.box && before !== now) this.start();
  }

  build() {
    this.replaceChildren();
    this.box = element("div", "log-scroll");
    this.box.tabIndex = 0;
    this.box.setAttribute("role", "log");
    this.box.setAttribute("aria-label", "Output");
    this.canvas = element("div", "log-canvas");
    this.window = element("div", "log-window");
    this.canvas.append(this.window);
    this.box.append(this.canvas);
    this.foot = element("div", "log-foot");
    this.word = element("span", "log-word grow");
    this.foot.append(this.word, this.button("Copy", () => copyText(this.lines.plain(), this.foot.children[1])));
    if (this.dataset.size === "large") this.foot.append(this.button("Wrap", () => this.toggleWrap()));
    this.append(this.box, this.foot);
    this.down = element("button", "button round latest log-latest");
    this.down.type = "button";
    this.down.textContent = "Latest ↓";
    this.down.hidden = true;
    this.down.addEventListener("click", () => { this.stuck = true; this.paint(); });
    this.append(this.down);
    this.box.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.box.addEventListener("wheel", (event) => { if (event.deltaY < 0) this.stuck = false; }, { passive: true });
  }

  button(words, act) {
    const button = element("button", "button ghost small");
    button.type = "button";
    button.textContent = words;
    button.addEventListener("click", act);
    return button;
  }

  start() {
    this.source?.close();
    const after = Number(this.dataset.after) || 0;
    this.lines = new Lines(after > 0);
    this.stuck = true;
    this.box.scrollTop = 0;
    this.word.textContent = "";
    this.first = this.last = -1;
    if (!this.dataset.command) { this.source = null; return this.paint(true); }
    this.source = new LogSource(this.dataset.command, after, {
      bytes: (stream, data) => { this.lines.push(stream, data); this.changed(); },
      gap: (size) => { this.lines.note(`… ${readable(size)} left out here …`); this.changed(); },
      end: (ending) => { this.tell(ending); this.changed(); },
      state: (word) => { this.word.textContent = word; },
    });
    delete this.dataset.ended;
    if (this.visible) this.source.open();
    this.paint(true);
  }

  tell(ending) {
    this.word.textContent = `${ending.outcome} · ${readable(ending.log_size)}`;
    this.dataset.ended = ending.succeeded ? "well" : ["killed", "sandbox_stopped"].includes(ending.cause) ? "stopped" : "badly";
  }

  changed() {
    if (this.lines.count > MAX_LINES) {
      const over = this.lines.count - MAX_LINES + 10_000;
      this.lines.list.splice(0, over);
      this.dropped = (this.dropped ?? 0) + over;
    }
    if (this.due) return;
    this.due = true;
    requestAnimationFrame(() => { this.due = false; this.paint(true); });
  }

  toggleWrap() {
    this.toggleAttribute("data-wrap");
    this.paint(true);
  }

  scrolled() {
    const end = this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight < ROW;
    if (end) this.stuck = true;
    else if (!this.painting) this.stuck = false;
    this.paint();
  }

  paint(fresh = false) {
    this.toggleAttribute("data-blank", !this.lines?.count);
    if (!this.visible || !this.box.clientHeight) return;
    if (this.hasAttribute("data-wrap")) return this.paintWrapped();
    this.canvas.style.height = `${this.lines.count * ROW}px`;
    if (this.dataset.size === "small") this.style.height = `${Math.min(9, Math.max(1, this.lines.count)) * ROW + 12}px`;
    if (this.stuck) this.toEnd();
    const first = Math.max(0, Math.floor(this.box.scrollTop / ROW) - SPARE);
    const last = Math.min(this.lines.count, Math.ceil((this.box.scrollTop + this.box.clientHeight) / ROW) + SPARE);
    this.down.hidden = this.stuck || !this.lines.count;
    if (!fresh && first === this.first && last === this.last) return;
    this.first = first;
    this.last = last;
    this.window.style.transform = `translateY(${first * ROW}px)`;
    this.window.replaceChildren(...this.lines.list.slice(first, last).map((line, at) => row(line, first + at + 1 + (this.dropped ?? 0))));
  }

  /** Wrapped rows have heights of their own: the last thousand lines are laid out by the browser. */
  paintWrapped() {
    const first = Math.max(0, this.lines.count - 1000);
    this.canvas.style.height = "auto";
    this.window.style.transform = "none";
    this.window.replaceChildren(...this.lines.list.slice(first).map((line, at) => row(line, first + at + 1 + (this.dropped ?? 0))));
    this.first = this.last = -1;
    if (this.stuck) this.toEnd();
    this.down.hidden = this.stuck;
  }

  toEnd() {
    this.painting = true;
    this.box.scrollTop = this.box.scrollHeight;
    requestAnimationFrame(() => { this.painting = false; });
  }
}

function row(line, number) {
  const element_ = element("div", "log-line");
  if (line.stream === 2) element_.dataset.stream = "2";
  if (line.stream === 0) element_.dataset.stream = "0";
  element_.dataset.number = String(number);
  for (const { text, style } of segments(line)) {
    if (!Object.keys(style).length) { element_.append(text); continue; }
    element_.append(span(text, style));
  }
  return element_;
}

function span(text, style) {
  const piece = element("span", ["bold", "faint", "italic", "underline", "struck"].filter((name) => style[name]).map((name) => `ansi-${name}`).join(" "));
  let { front, back } = style;
  if (style.inverse) [front, back] = [back ?? "surface", front ?? "text"];
  if (front) piece.style.color = colour(front);
  if (back) piece.style.backgroundColor = colour(back);
  piece.textContent = text;
  return piece;
}

function colour(name) {
  if (name === "surface" || name === "text") return `var(--${name})`;
  return NAMED.test(name) ? `var(--ansi-${name})` : name;
}

function readable(size) {
  if (size < 1000) return `${size} B`;
  if (size < 1e6) return `${(size / 1e3).toFixed(1)} kB`;
  return `${(size / 1e6).toFixed(1)} MB`;
}

function element(tag, css) {
  const made = document.createElement(tag);
  made.className = css;
  return made;
}

customElements.define("log-view", LogView);
