// The live bytes of one command: a socket with a cursor that comes back where it was.

import { notifySignedOut } from "./notices.js";
import { delayAfter, socketAddress } from "./reconnecting.js";

const HEADER = 17;

export class LogSource {
  /**
   * `on`: {start(offset, line, status), bytes(stream, data, at), gap(size, line), end(ending), state(word)};
   * `after`: byte to begin at; `last`: begin so many bytes before the end instead.
   */
  constructor(command, { after = 0, last = 0 }, on) {
    this.command = command;
    this.cursor = after;
    this.last = last;
    this.on = on;
    this.failures = 0;
    this.ended = false;
  }

  open() {
    if (this.ended || this.socket || this.timer) return;
    const place = this.last ? `last=${this.last}` : `after=${this.cursor}`;
    const socket = new WebSocket(socketAddress(`/ws/commands/${this.command}/log/?${place}`));
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.failures = 0;
      this.on.state("");
    };
    socket.onmessage = (event) => this.take(event.data);
    socket.onclose = (event) => this.lost(socket, event.code);
    this.socket = socket;
  }

  close() {
    clearTimeout(this.timer);
    this.timer = 0;
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  take(data) {
    if (typeof data === "string") return this.told(JSON.parse(data));
    const view = new DataView(data);
    const offset = Number(view.getBigUint64(0));
    let bytes = new Uint8Array(data, HEADER);
    if (offset + bytes.length <= this.cursor) return;
    if (offset < this.cursor) bytes = bytes.subarray(this.cursor - offset);
    else if (offset > this.cursor) this.on.gap(offset - this.cursor);
    this.cursor =
      offset + bytes.length < this.cursor
        ? this.cursor
        : Math.max(offset, this.cursor) + bytes.length;
    this.last = 0;
    this.on.bytes(view.getUint8(8), bytes, Number(view.getBigUint64(9)));
  }

  told(message) {
    if (message.type === "start") {
      this.cursor = message.offset;
      this.last = 0;
      this.on.start(message.offset, message.line, message.status);
    } else if (message.type === "dropped") {
      if (message.offset + message.size <= this.cursor) return;
      this.on.gap(
        message.offset + message.size - Math.max(this.cursor, message.offset),
        message.line,
      );
      this.cursor = message.offset + message.size;
    } else if (message.type === "end") {
      this.ended = true;
      this.on.end(message);
    }
  }

  lost(socket, code) {
    if (socket !== this.socket) return;
    this.socket = null;
    if (this.ended) return;
    if (code === 4401) notifySignedOut();
    if (code === 4404) this.on.gone();
    if (code === 4401 || code === 4404)
      return this.on.state(code === 4401 ? "Signed out." : "This command is gone.");
    const delay = delayAfter(this.failures);
    this.failures += 1;
    if (this.failures > 1) this.on.state("Reconnecting…");
    this.timer = setTimeout(() => {
      this.timer = 0;
      this.open();
    }, delay);
  }
}
