// The list of problems: what previewed pages report goes to it, and the person's typing holds the
// error monitor back for a moment.

import { request } from "./http.js";

const WAIT = 500;
const MOST = 20;
const TYPING = 5000;
const FIELDS = ["kind", "message", "source", "line", "column", "stack", "url", "status", "at"];
const LONGEST = 3000;

let waiting = [];
let isDue = false;
let pausedUntil = 0;
let typedAt = 0;

const conversation = () => location.pathname.match(/^\/c\/(conv_\w+)\//)?.[1];

/** Only what is expected, and no more of it than is read: a hostile page has made it. */
function bounded(detail) {
  const kept = {};
  for (const name of FIELDS) {
    const value = detail?.[name];
    if (typeof value === "string") kept[name] = value.slice(0, LONGEST);
    else if (typeof value === "number") kept[name] = value;
  }
  return kept;
}

function take({ detail }) {
  if (!conversation() || waiting.length >= MOST || Date.now() < pausedUntil) return;
  waiting.push(bounded(detail));
  if (!isDue) setTimeout(send, WAIT);
  isDue = true;
}

async function send() {
  const reports = waiting;
  waiting = [];
  isDue = false;
  try {
    await request("POST", `/c/${conversation()}/problems/report/`, { data: reports });
  } catch {
    // Too many at once, or no answer: what comes meanwhile is more of the same.
    pausedUntil = Date.now() + 10_000;
  }
}

function typed(event) {
  if (event.target.id !== "message" || !event.target.value || !conversation()) return;
  const count = document.getElementById("problems-count");
  if (!count || count.hidden || Date.now() - typedAt < TYPING) return;
  typedAt = Date.now();
  request("POST", `/c/${conversation()}/problems/typing/`).catch(() => {});
}

export function startProblems() {
  document.addEventListener("preview:report", take);
  document.addEventListener("input", typed);
  // What one has unfolded stays so when the list is told anew.
  document.addEventListener(
    "toggle",
    ({ target }) => {
      if (target.matches?.(".problem > details")) target.dataset.touched = "";
    },
    true,
  );
}
