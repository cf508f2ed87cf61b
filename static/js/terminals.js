// The terminal panel: shells side by side as sub-tabs.

import { notify } from "./notices.js";
import { shownPanel } from "./panels.js";
import { loadStyles, onTheme } from "./terminal-look.js";
import { Screen } from "./terminal-screen.js";

const KEYS = { esc: "\x1b", tab: "\t", interrupt: "\x03", up: "\x1b[A", down: "\x1b[B", left: "\x1b[D", right: "\x1b[C" };
const $ = (id) => document.getElementById(id);
let sandbox = "";
let screens = new Map();
let chosen = "";
let started = false;

/** Show the sandbox's terminals; when a person asks and there is none, start one. */
export async function openTerminals({ asked = false } = {}) {
  start();
  const running = await load();
  if (asked && running && !screens.size) await create();
  screens.get(chosen)?.fit();
  if (asked) screens.get(chosen)?.focus();
}

function start() {
  if (started) return;
  started = true;
  loadStyles();
  onTheme(() => { for (const screen of screens.values()) screen.recolour(); });
  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-terminal], [data-terminal-close], [data-terminal-new], [data-terminal-key]");
    if (!target) return;
    const { terminal, terminalClose, terminalKey } = target.dataset;
    if (terminalClose) return close(terminalClose);
    if (terminal) return choose(terminal, true);
    if (terminalKey) { screens.get(chosen)?.type(new TextEncoder().encode(KEYS[terminalKey])); return screens.get(chosen)?.focus(); }
    create();
  });
  document.addEventListener("dblclick", (event) => {
    const tab = event.target.closest("[data-terminal]");
    if (tab) rename(tab);
  });
  document.addEventListener("keydown", (event) => {
    const tab = event.target.closest?.("[data-terminal]");
    if (!tab || tab.isContentEditable) return;
    if (event.key === "F2") return rename(tab);
    if (event.key === "Delete") return close(tab.dataset.terminal);
    if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    const all = [...screens.keys()];
    choose(all.at((all.indexOf(chosen) + (event.key === "ArrowRight" ? 1 : -1)) % all.length));
    $(`tab-${chosen}`).focus();
  });
  document.addEventListener("vibe:changed", () => {
    if (shownPanel() === "terminal" && $("terminal-panel").dataset.sandbox !== sandbox) load();
  });
  document.addEventListener("vibe:terminals", load);
}

async function ask(method, path, body) {
  const headers = { ...JSON.parse(document.body.getAttribute("hx-headers:inherited")), "Content-Type": "application/json" };
  const answer = await fetch(`/api/v1/${path}`, { method, headers, body: body && JSON.stringify(body) });
  if (answer.status === 204) return null;
  const content = await answer.json().catch(() => null);
  if (!answer.ok) throw new Error(content?.detail ?? "The server does not answer. Try again.");
  return content;
}

/** Make the page agree with the server's list; whether the sandbox runs. */
async function load() {
  const panel = $("terminal-panel");
  if (panel.dataset.sandbox !== sandbox) {
    for (const screen of screens.values()) screen.close();
    screens = new Map();
    sandbox = panel.dataset.sandbox ?? "";
  }
  if (!sandbox) return false;
  try {
    const { items } = await ask("GET", `sandboxes/${sandbox}/terminals`);
    const known = new Set(items.map((item) => item.id));
    for (const [id, screen] of screens) if (!known.has(id)) drop(screen);
    for (const item of items) add(item);
  } catch (error) {
    notify(error.message);
  }
  return $("sandbox-status")?.dataset.status === "running";
}

function add(record) {
  const tab = $(`tab-${record.id}`);
  if (tab) { tab.firstChild.textContent = record.name; return; }
  if (screens.has(record.id)) return;
  const screen = new Screen(record, { ended: mark, restart, leave: () => $("tab-terminal").focus() });
  screens.set(record.id, screen);
  $("terminal-tabs").insertBefore(tabOf(record), $("terminal-new"));
  screen.element.hidden = true;
  $("terminal-screens").append(screen.element);
  if (!screens.has(chosen) || screens.size === 1) choose(record.id);
}

function tabOf(record) {
  const box = Object.assign(document.createElement("span"), { className: "terminal-tab" });
  const tab = Object.assign(document.createElement("button"), { type: "button", id: `tab-${record.id}`, title: "Double click or F2 renames" });
  tab.setAttribute("role", "tab");
  tab.setAttribute("aria-controls", `screen-${record.id}`);
  tab.dataset.terminal = record.id;
  tab.append(record.name);
  const close = Object.assign(document.createElement("button"), { type: "button", className: "terminal-x", title: "Close this terminal", textContent: "×" });
  close.setAttribute("aria-label", `Close ${record.name}`);
  close.dataset.terminalClose = record.id;
  box.append(tab, close);
  return box;
}

function choose(id, focus = false) {
  chosen = id;
  for (const [key, screen] of screens) screen.element.hidden = key !== id;
  const screen = screens.get(id);
  // Opened when it is looked at: an xterm in the dark cannot measure its letters.
  if (screen && !screen.terminal) screen.open();
  mark();
  screen?.fit();
  if (focus) screen?.focus();
}

function mark() {
  // Named rather than around them: a list of tabs holds tabs, not the buttons that close and add.
  const list = $("terminal-list");
  list.setAttribute("aria-owns", [...screens.keys()].map((id) => `tab-${id}`).join(" "));
  list.hidden = !screens.size;
  for (const tab of document.querySelectorAll("[data-terminal]")) {
    const selected = tab.dataset.terminal === chosen;
    tab.setAttribute("aria-selected", String(selected));
    tab.tabIndex = selected ? 0 : -1;
    tab.parentElement.toggleAttribute("data-ended", Boolean(screens.get(tab.dataset.terminal)?.ending));
  }
}

async function create() {
  try {
    const record = await ask("POST", `sandboxes/${sandbox}/terminals`, {});
    add(record);
    choose(record.id, true);
  } catch (error) {
    notify(error.message);
  }
}

async function close(id) {
  const screen = screens.get(id);
  try {
    await ask("DELETE", `terminals/${id}`);
  } catch (error) {
    return notify(error.message);
  }
  if (screen) drop(screen);
}

function drop(screen) {
  screens.delete(screen.id);
  $(`tab-${screen.id}`)?.parentElement.remove();
  screen.close();
  if (chosen === screen.id) choose([...screens.keys()].at(-1) ?? "", true);
}

/** A new shell in the place of one that ended; a stopped sandbox is resumed first. */
async function restart(screen) {
  const name = $(`tab-${screen.id}`).textContent;
  try {
    if (screen.ending.cause === "sandbox_stopped" || $("sandbox-status").dataset.status !== "running") {
      await htmx.ajax("POST", `/sandboxes/${sandbox}/resume/`, { source: document.body, swap: "none" });
    }
    await ask("DELETE", `terminals/${screen.id}`);
    const record = await ask("POST", `sandboxes/${sandbox}/terminals`, { name });
    drop(screen);
    add(record);
    choose(record.id, true);
  } catch (error) {
    screen.end(screen.ending);
    notify(error.message);
  }
}

function rename(tab) {
  const before = tab.textContent;
  const field = Object.assign(document.createElement("input"), { className: "input small", value: before, maxLength: 40 });
  field.setAttribute("aria-label", "Name of the terminal");
  tab.hidden = true;
  tab.before(field);
  field.select();
  let done = false;
  const finish = async (keep) => {
    if (done) return;
    done = true;
    field.remove();
    tab.hidden = false;
    const name = field.value.trim();
    if (!keep || !name || name === before) return;
    tab.textContent = name;
    try {
      await ask("PATCH", `terminals/${tab.dataset.terminal}`, { name });
    } catch (error) {
      tab.textContent = before;
      notify(error.message);
    }
  };
  field.addEventListener("blur", () => finish(true));
  field.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Enter") finish(true);
    if (event.key === "Escape") finish(false);
  });
}
