// What the conversation remembers of its preview, so that a reload shows the same at once.

import { request } from "./http.js";

const AFTER = 800;
let waiting = {};
let timer = 0;
let saved = {};

/** Keep what has changed: `port` with `path`, `size`, `turned`, `zoom`, `features`, `console`. */
export function keep(changes) {
  if (!conversation()) return;
  waiting = { ...waiting, ...changes };
  clearTimeout(timer);
  timer = setTimeout(send, AFTER);
}

/** The same, for what the next request of the app must know already. */
export async function keepNow(changes) {
  if (!conversation()) return;
  waiting = { ...waiting, ...changes };
  clearTimeout(timer);
  await send();
}

const conversation = () => location.pathname.match(/^\/c\/([^/]+)\//)?.[1];

async function send() {
  const known = JSON.stringify(saved);
  const data = waiting;
  waiting = {};
  saved = { ...saved, ...data };
  if (JSON.stringify(saved) === known) return;
  try {
    await request("POST", `/c/${conversation()}/preview/`, { data, keepalive: true });
  } catch {
    // Not worth a word: it shows the app all the same.
  }
}
