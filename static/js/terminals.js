// The terminal panel: shells side by side as sub-tabs.

import { request } from "./http.js";
import { notify } from "./notices.js";
import { markSelected, moveByKeys } from "./tablist.js";
import { shownPanel } from "./tabs.js";
import { loadStyles, onTheme } from "./terminal-look.js";
import { Screen } from "./terminal-screen.js";
import { rename, tabOf } from "./terminal-tab.js";

const KEYS = {
  esc: "\x1b",
  tab: "\t",
  interrupt: "\x03",
  up: "\x1b[A",
  down: "\x1b[B",
  left: "\x1b[D",
  right: "\x1b[C",
};
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
  onTheme(() => {
    for (const screen of screens.values()) screen.recolour();
  });
  document.addEventListener("click", (event) => {
    const target = event.target.closest(
      "[data-terminal], [data-terminal-close], [data-terminal-new], [data-terminal-key]",
    );
    if (!target) return;
    const { terminal, terminalClose, terminalKey } = target.dataset;
    if (terminalClose) return close(terminalClose);
    if (terminal) return choose(terminal, true);
    if (terminalKey) {
      screens.get(chosen)?.type(new TextEncoder().encode(KEYS[terminalKey]));
      return screens.get(chosen)?.focus();
    }
    create();
  });
  document.addEventListener("dblclick", (event) => {
    const tab = event.target.closest("[data-terminal]");
    if (tab) rename(tab, (name) => keepName(tab, name));
  });
  document.addEventListener("keydown", (event) => {
    const tab = event.target.closest?.("[data-terminal]");
    if (!tab) return;
    if (event.key === "F2") rename(tab, (name) => keepName(tab, name));
    if (event.key === "Delete") close(tab.dataset.terminal);
  });
  moveByKeys("[data-terminal]", (tab) => choose(tab.dataset.terminal));
  document.addEventListener("vibe:changed", () => {
    if (shownPanel() === "terminal" && $("terminal-panel").dataset.sandbox !== sandbox) load();
  });
  document.addEventListener("vibe:terminals", load);
}

const listAddress = () => `/api/v1/sandboxes/${sandbox}/terminals`;
const addressOf = (id) => `/api/v1/terminals/${id}`;

/** Run `act`; whether it went well. What went wrong is said. */
async function tried(act) {
  try {
    await act();
    return true;
  } catch (error) {
    notify(error.message);
    return false;
  }
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
  await tried(async () => {
    const { items } = await request("GET", listAddress());
    const known = new Set(items.map((item) => item.id));
    for (const [id, screen] of screens) if (!known.has(id)) drop(screen);
    for (const item of items) add(item);
  });
  return $("sandbox-status")?.dataset.status === "running";
}

function add(record) {
  const tab = $(`tab-${record.id}`);
  if (tab) {
    tab.firstChild.textContent = record.name;
    return;
  }
  if (screens.has(record.id)) return;
  const screen = new Screen(record, {
    ended: mark,
    restart,
    leave: () => $("tab-terminal").focus(),
  });
  screens.set(record.id, screen);
  $("terminal-tabs").insertBefore(tabOf(record), $("terminal-new"));
  screen.element.hidden = true;
  $("terminal-screens").append(screen.element);
  if (!screens.has(chosen) || screens.size === 1) choose(record.id);
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
  markSelected("[data-terminal]", (tab) => tab.dataset.terminal === chosen);
  for (const tab of document.querySelectorAll("#logs [data-terminal]")) {
    tab.parentElement.toggleAttribute(
      "data-ended",
      Boolean(screens.get(tab.dataset.terminal)?.ending),
    );
  }
}

const create = () => tried(() => begin({}));

/** Start a shell and show it; `data`: what the server may be told of it, its name for one. */
async function begin(data, old) {
  const record = await request("POST", listAddress(), { data });
  if (old) drop(old);
  add(record);
  choose(record.id, true);
}

async function close(id) {
  const screen = screens.get(id);
  const closed = await tried(() => request("DELETE", addressOf(id)));
  if (closed && screen) drop(screen);
}

const keepName = (tab, name) =>
  tried(() => request("PATCH", addressOf(tab.dataset.terminal), { data: { name } }));

function drop(screen) {
  screens.delete(screen.id);
  $(`tab-${screen.id}`)?.parentElement.remove();
  screen.close();
  if (chosen === screen.id) choose([...screens.keys()].at(-1) ?? "", true);
}

/** A new shell in the place of one that ended; a stopped sandbox is resumed first. */
async function restart(screen) {
  const name = $(`tab-${screen.id}`).textContent;
  const begun = await tried(async () => {
    if (
      screen.ending.cause === "sandbox_stopped" ||
      $("sandbox-status").dataset.status !== "running"
    ) {
      await htmx.ajax("POST", `/sandboxes/${sandbox}/resume/`, {
        source: document.body,
        swap: "none",
      });
    }
    await request("DELETE", addressOf(screen.id));
    await begin({ name }, screen);
  });
  if (!begun) screen.end(screen.ending);
}
