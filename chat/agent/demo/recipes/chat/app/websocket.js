// The server's side of WebSockets (RFC 6455), as far as text messages need it.
const crypto = require("node:crypto");

const MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const LIMIT = 64 * 1024;
const [TEXT, CLOSE, PING, PONG] = [1, 8, 9, 10];

function frame(opcode, data) {
  const size = data.length;
  const head = size < 126 ? Buffer.from([0x80 | opcode, size]) : Buffer.from([0x80 | opcode, 126, size >> 8, size & 255]);
  return Buffer.concat([head, data]);
}

// Calls take(opcode, data) for every whole frame; returns what is left of the bytes.
function read(bytes, take) {
  while (bytes.length >= 2) {
    let size = bytes[1] & 127;
    let start = 2;
    if (size === 126) {
      if (bytes.length < 4) break;
      size = bytes.readUInt16BE(2);
      start = 4;
    }
    if (size > LIMIT || (bytes[1] & 127) === 127) throw new Error("too large");
    const end = start + 4 + size;
    if (bytes.length < end) break;
    const mask = bytes.subarray(start, start + 4);
    const data = Buffer.from(bytes.subarray(start + 4, end)).map((byte, place) => byte ^ mask[place % 4]);
    take(bytes[0] & 15, Buffer.from(data));
    bytes = bytes.subarray(end);
  }
  return bytes;
}

// Accepts a request to upgrade; returns {send, close}, and calls onMessage and onClose.
function accept(request, socket, { onMessage, onClose }) {
  const key = crypto.createHash("sha1").update(request.headers["sec-websocket-key"] + MAGIC).digest("base64");
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`);
  let left = Buffer.alloc(0);
  socket.on("data", (piece) => {
    try {
      left = read(Buffer.concat([left, piece]), (opcode, data) => {
        if (opcode === TEXT) onMessage(data.toString());
        if (opcode === PING) socket.write(frame(PONG, data));
        if (opcode === CLOSE) socket.end(frame(CLOSE, data));
      });
    } catch {
      socket.destroy();
    }
  });
  socket.on("error", () => socket.destroy());
  socket.on("close", onClose);
  return { send: (text) => socket.writable && socket.write(frame(TEXT, Buffer.from(text))) };
}

module.exports = { accept };
