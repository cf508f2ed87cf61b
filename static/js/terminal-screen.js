// One terminal on the page: an xterm.js, its socket, and a line that says how it stands.

import { FitAddon } from "../vendor/xterm/addon-fit.mjs";
import { Terminal } from "../vendor/xterm/xterm.mjs";
import { button, element } from "./elements.js";
import { refusedPlace } from "./refused.js";
import { font, theme, withNonce } from "./terminal-look.js";
import { TerminalSocket } from "./terminal-socket.js";

const SCROLLBACK = 5000;
const encoder = new TextEncoder();
const reduced = matchMedia("(prefers-reduced-motion: reduce)");

export class Screen {
  /** `on`: {ended(screen), restart(screen), leave()} */
  constructor(record, on) {
    this.id = record.id;
    this.on = on;
    // What a replay of old output asks the terminal must not be answered again.
    this.replaying = true;
    this.element = element("div", "terminal-screen");
    this.element.id = `screen-${record.id}`;
    this.element.setAttribute("role", "tabpanel");
    this.element.setAttribute("aria-labelledby", `tab-${record.id}`);
    this.holder = element("div", "terminal-holder");
    this.note = element("div", "terminal-note");
    this.note.hidden = true;
    this.note.setAttribute("role", "status");
    this.element.append(refusedPlace(record.command_id), this.holder, this.note);
    this.socket = new TerminalSocket(record.id, {
      screen: (told, offset, fresh) => this.begin(told, offset, fresh),
      bytes: (data) => this.terminal.write(data),
      live: () => this.terminal.write("", () => this.live()),
      end: (ending) => this.end(ending),
      state: (word) => this.say(word),
    });
  }

  open() {
    this.terminal = new Terminal({
      theme: theme(),
      fontFamily: font(),
      fontSize: 13,
      lineHeight: 1.15,
      scrollback: SCROLLBACK,
      minimumContrastRatio: 4.5,
      cursorBlink: !reduced.matches,
      macOptionIsMeta: true,
    });
    this.fitting = new FitAddon();
    this.terminal.loadAddon(this.fitting);
    withNonce(() => this.terminal.open(this.holder));
    this.terminal.textarea.setAttribute("aria-label", "Terminal. F6 leaves it.");
    this.terminal.attachCustomKeyEventHandler((event) => this.key(event));
    this.terminal.onData((text) => this.type(encoder.encode(text)));
    this.terminal.onBinary((text) =>
      this.type(Uint8Array.from(text, (sign) => sign.charCodeAt(0))),
    );
    this.terminal.onResize(({ cols, rows }) => {
      if (!this.replaying) this.socket.resize(cols, rows);
    });
    new ResizeObserver(() => {
      cancelAnimationFrame(this.frame);
      this.frame = requestAnimationFrame(() => this.fit());
    }).observe(this.holder);
    this.say("Starting…");
    this.socket.open();
  }

  close() {
    this.socket.close();
    this.terminal?.dispose();
    this.element.remove();
  }

  type(bytes) {
    if (!this.replaying && !this.ending) this.socket.type(bytes);
  }
  focus() {
    this.terminal?.focus();
  }
  recolour() {
    if (this.terminal) this.terminal.options.theme = theme();
  }

  fit() {
    if (this.replaying || !this.holder.clientWidth || !this.holder.clientHeight) return;
    this.fitting.fit();
  }

  begin({ cols, rows, modes }, offset, fresh) {
    this.replaying = true;
    this.cut = fresh && offset > 0;
    if (!fresh) return;
    this.terminal.reset();
    // Old output is laid out as it was when it was written.
    this.terminal.resize(cols, rows);
    // What was switched in the part that does not come.
    if (modes) this.terminal.write(modes);
  }

  live() {
    this.replaying = false;
    const before = `${this.terminal.cols} ${this.terminal.rows}`;
    this.fit();
    const { cols, rows } = this.terminal;
    // A full-screen program whose beginning is not kept draws itself anew when its size changes.
    if (this.cut && before === `${cols} ${rows}` && rows > 2) {
      this.socket.resize(cols, rows - 1);
      this.socket.resize(cols, rows);
    }
    this.element.dataset.live = "";
  }

  end(ending) {
    this.ending = ending;
    this.terminal.write("\x1b[?25l");
    this.terminal.options.cursorBlink = false;
    const stopped = ending.cause === "sandbox_stopped";
    this.say(stopped ? "The sandbox was stopped." : `The shell has ended: ${ending.outcome}.`);
    const again = button("button small", stopped ? "Resume the sandbox" : "Start again", () => {
      again.disabled = true;
      this.on.restart(this);
    });
    this.note.append(again);
    this.on.ended(this);
  }

  say(word) {
    this.note.textContent = word;
    this.note.hidden = !word;
  }

  key(event) {
    if (event.type !== "keydown") return true;
    if (event.key === "F6") {
      event.preventDefault();
      this.on.leave();
      return false;
    }
    const command = event.ctrlKey || event.metaKey;
    if (
      command &&
      event.key.toLowerCase() === "c" &&
      (event.shiftKey || event.metaKey || this.terminal.hasSelection())
    ) {
      if (!this.terminal.hasSelection()) return true;
      event.preventDefault();
      navigator.clipboard
        ?.writeText(this.terminal.getSelection())
        .catch(() => document.execCommand("copy"));
      this.terminal.clearSelection();
      return false;
    }
    // The browser pastes by itself, and xterm.js takes that.
    return !(command && event.key.toLowerCase() === "v");
  }
}
