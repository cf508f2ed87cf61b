// How the page is arranged is kept by the server, which renders the next page that way.

let waiting = {};
let timer = 0;

export function remember(changes) {
  waiting = { ...waiting, ...changes, ...(changes.panes ? { panes: { ...waiting.panes, ...changes.panes } } : {}) };
  clearTimeout(timer);
  timer = setTimeout(send, 400);
}

function send() {
  const body = JSON.stringify(waiting);
  waiting = {};
  const headers = JSON.parse(document.body.getAttribute("hx-headers:inherited"));
  // keepalive: a change made right before leaving the page still arrives.
  fetch("/preferences/", { method: "POST", headers: { ...headers, "Content-Type": "application/json" }, body, keepalive: true }).catch(() => {});
}

addEventListener("pagehide", () => { if (Object.keys(waiting).length) send(); });
