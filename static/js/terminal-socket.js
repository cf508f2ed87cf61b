// The socket of one terminal: output by a cursor, keys at the pace of the program.

import { notifySignedOut } from "./notices.js";
import { delayAfter, socketAddress } from "./reconnecting.js";

const HEADER = 8;
// A paste goes in pieces, each when the program has taken the one before.
const PIECE = 16 * 1024;

export class TerminalSocket {
  /** `on`: {screen(size, offset, fresh), bytes(data), live(), end(ending), state(word)} */
  constructor(terminal, on) {
    this.terminal = terminal;
    this.on = on;
    this.cursor = -1;
    this.failures = 0;
    this.waiting = [];
    this.busy = false;
  }

  open() {
    if (this.ended || this.socket) return;
    const after = this.cursor < 0 ? "" : `?after=${this.cursor}`;
    const socket = new WebSocket(socketAddress(`/ws/terminals/${this.terminal}/${after}`));
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => {
      if (socket === this.socket) this.take(data);
    };
    socket.onclose = ({ code }) => this.lost(socket, code);
    this.socket = socket;
  }

  close() {
    clearTimeout(this.timer);
    const socket = this.socket;
    this.socket = null;
    this.ended = true;
    socket?.close();
  }

  /** Type bytes; while there is no connection they are dropped, as the page says. */
  type(bytes) {
    for (let at = 0; at < bytes.length; at += PIECE)
      this.waiting.push(bytes.subarray(at, at + PIECE));
    this.flush();
  }

  resize(cols, rows) {
    if (this.ready) this.socket.send(JSON.stringify({ type: "resize", cols, rows }));
  }

  get ready() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  flush() {
    if (!this.ready) {
      this.waiting = [];
      return;
    }
    while (this.waiting.length && !this.busy) {
      const piece = this.waiting.shift();
      this.busy = piece.length === PIECE;
      this.socket.send(piece);
    }
  }

  take(data) {
    if (typeof data === "string") return this.told(JSON.parse(data));
    const offset = Number(new DataView(data).getBigUint64(0));
    let bytes = new Uint8Array(data, HEADER);
    if (offset + bytes.length <= this.cursor) return;
    if (offset < this.cursor) bytes = bytes.subarray(this.cursor - offset);
    this.cursor = Math.max(offset, this.cursor) + bytes.length;
    this.on.bytes(bytes);
  }

  told(message) {
    if (message.type === "screen") {
      this.failures = 0;
      this.busy = false;
      const fresh = message.offset !== this.cursor;
      this.cursor = message.offset;
      this.on.state("");
      this.on.screen(message, message.offset, fresh);
    } else if (message.type === "live") this.on.live();
    else if (message.type === "taken") {
      this.busy = false;
      this.flush();
    } else if (message.type === "end") {
      this.ended = true;
      this.on.end(message);
    }
  }

  lost(socket, code) {
    if (socket !== this.socket) return;
    this.socket = null;
    this.waiting = [];
    if (this.ended) return;
    if (code === 4401) {
      notifySignedOut();
      return this.on.state("Signed out.");
    }
    if (code === 4404) return this.on.state("This terminal was closed.");
    const delay = delayAfter(this.failures);
    this.failures += 1;
    this.on.state("Reconnecting…");
    this.timer = setTimeout(() => this.open(), delay);
  }
}
