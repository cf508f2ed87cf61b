// How the page is arranged is kept by the server, which renders the next page that way.

import { request } from "./http.js";

let waiting = {};
let timer = 0;

export function remember(changes) {
  waiting = {
    ...waiting,
    ...changes,
    ...(changes.panes ? { panes: { ...waiting.panes, ...changes.panes } } : {}),
  };
  clearTimeout(timer);
  timer = setTimeout(send, 400);
}

function send() {
  const data = waiting;
  waiting = {};
  // keepalive: a change made right before leaving the page still arrives. Not worth a word if not.
  request("POST", "/preferences/", { data, keepalive: true }).catch(() => {});
}

addEventListener("pagehide", () => {
  if (Object.keys(waiting).length) send();
});
