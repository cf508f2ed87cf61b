// What sockets with a cursor share: their address, and how long to wait before the next try.

const DELAYS = [250, 500, 1000, 2000, 5000, 10_000];

/** The address of a socket of this server; `path` begins with a slash. */
export function socketAddress(path) {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  return `${scheme}//${location.host}${path}`;
}

/** Milliseconds before the next try; not the same for all pages that lost the same server. */
export function delayAfter(failures) {
  return DELAYS[Math.min(failures, DELAYS.length - 1)] * (0.8 + Math.random() * 0.4);
}
