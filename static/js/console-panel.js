// The panel with the app's console: what the page in the preview has told, as text.

import { sourceOf } from "./console-source.js";
import { notify } from "./notices.js";
import { show } from "./tabs.js";

const MOST = 500;
const TONES = { warning: "warning", csp: "warning", log: "quiet" };
const toneOf = (kind) => TONES[kind] ?? "danger";
const $ = (id) => document.getElementById(id);
const TIME = { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false };

// By what makes two entries the same; a list's row, and how often it came since the page loaded.
let rows = new Map();
let errors = 0;
let lastError = null;

/** The worst that the page has told since it was loaded. */
export const latestError = () => lastError;

export function startConsole() {
  document.addEventListener("click", (event) => {
    const row = event.target.closest("#console-list > li");
    if (row && event.target.closest("[data-fix]")) compose(row.entry);
    if (row && event.target.closest(".console-place")) openPlace(row);
    if (event.target.closest("#console-clear")) clear();
  });
  document.addEventListener("input", (event) => {
    if (["console-kind", "console-find"].includes(event.target.id)) sift();
  });
}

/** The page was loaded anew: what it told before is the past. */
export function beginConsole(path) {
  const list = $("console-list");
  if (!list) return;
  for (const row of list.children) row.dataset.old = "";
  rows = new Map();
  errors = 0;
  lastError = null;
  count();
  if (list.lastElementChild?.matches(".console-page")) list.lastElementChild.remove();
  if (!list.childElementCount) return;
  const row = document.createElement("li");
  row.className = "console-page";
  row.textContent = `Loaded ${path}`;
  list.append(row);
}

/** Show what the page tells; `left`: how much more it had to say than is taken. */
export function addToConsole(entries, left, shown) {
  const list = $("console-list");
  if (!list) return;
  const stuck = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  for (const entry of entries) add(list, entry, shown);
  if (left)
    add(list, {
      kind: "warning",
      message: "The app says more than is shown.",
      stack: "",
      at: Date.now(),
    });
  while (list.childElementCount > MOST) list.firstElementChild.remove();
  count();
  if (stuck) list.scrollTop = list.scrollHeight;
}

function add(list, entry, shown) {
  const tone = toneOf(entry.kind);
  if (tone === "danger") {
    errors += 1;
    if (!lastError || entry.kind === "exception") lastError = entry;
  }
  const same = [entry.kind, entry.message, entry.source, entry.line].join("\n");
  const known = rows.get(same);
  if (known?.isConnected) return again(known);
  const row = $("console-row").content.firstElementChild.cloneNode(true);
  Object.assign(row, { entry, times: 1 });
  Object.assign(row.dataset, { tone, kind: entry.kind });
  // The app's own addresses by their paths, as it calls them.
  const said = shown ? entry.message.replaceAll(shown.origin, "") : entry.message;
  row.querySelector(".console-message").textContent = said;
  if (entry.stack.trim().includes("\n") && !entry.message.includes(entry.stack)) {
    row.querySelector("details").hidden = false;
    row.querySelector("pre").textContent = entry.stack.replaceAll(shown?.origin ?? "\0", "");
  }
  const place = row.querySelector(".console-place");
  const source = sourceOf(entry, shown?.origin);
  place.hidden = !source;
  row.from = source;
  if (source) {
    place.textContent = `${source.name}:${entry.line}`;
    place.title = `Open ${source.name} at line ${entry.line}`;
  }
  const time = row.querySelector("time");
  time.dateTime = new Date(entry.at).toISOString();
  time.textContent = new Date(entry.at).toLocaleTimeString([], TIME);
  rows.set(same, row);
  list.append(row);
  siftRow(row);
  if (shown && tone !== "quiet") report(entry, shown);
}

function again(row) {
  row.times += 1;
  const count = row.querySelector(".console-count");
  count.hidden = false;
  count.textContent = `× ${row.times}`;
}

/** What goes wrong in the app is also told to whoever gathers problems, once a page. */
function report(entry, { sandbox, port }) {
  document.dispatchEvent(
    new CustomEvent("preview:report", { detail: { ...entry, sandbox, port } }),
  );
}

function count() {
  const badge = $("console-count");
  if (!badge) return;
  badge.hidden = !errors;
  badge.textContent = errors > 99 ? "99+" : String(errors);
  badge.title = errors === 1 ? "1 error" : `${errors} errors`;
}

function clear() {
  $("console-list").replaceChildren();
  rows = new Map();
  errors = 0;
  count();
}

function sift() {
  for (const row of $("console-list").children) siftRow(row);
}

function siftRow(row) {
  const kind = $("console-kind").value;
  const wanted = $("console-find").value.trim().toLowerCase();
  const { entry } = row;
  if (!entry) return;
  const isRequest = ["request", "resource"].includes(entry.kind);
  const fits = !kind || (kind === "request" ? isRequest : row.dataset.tone === kind);
  const said = `${entry.message} ${entry.source ?? ""}`.toLowerCase();
  row.toggleAttribute("data-away", !fits || !said.includes(wanted));
}

async function openPlace({ entry, from }) {
  const path = await from.file();
  if (!path) return notify("That source is none of the workspace’s files.");
  show("code");
  const link = Object.assign(document.createElement("button"), { hidden: true });
  Object.assign(link.dataset, { openFile: path, line: String(entry.line) });
  document.body.append(link);
  link.click();
  link.remove();
}

/** Put an error into the message, for the model to mend. */
export function compose(entry) {
  const where = entry.source ? `\n${entry.source}:${entry.line}` : "";
  const stack = entry.stack && !entry.message.includes(entry.stack) ? `\n${entry.stack}` : "";
  const said = `${entry.message}${where}${stack}`.slice(0, 2000).replaceAll("```", "'''");
  const text = `Fix this error of the app in the preview:\n\n\`\`\`\n${said}\n\`\`\``;
  show("chat");
  document.dispatchEvent(new CustomEvent("vibe:compose", { detail: { text } }));
}
