// The logs panel: a list of commands, and the output of the one that is chosen.

import { wantedCommand } from "./log-links.js";
import { renew } from "./refused.js";

const $ = (id) => document.getElementById(id);
let pinned = false;
let selected = "";

export function startLogs() {
  document.addEventListener("click", (event) => {
    const row = event.target.closest("[data-select-command]");
    if (!row || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    pinned = row.dataset.selectCommand !== rows().at(-1)?.dataset.command;
    select(row.dataset.selectCommand);
  });
  document.addEventListener("keydown", (event) => {
    const link = event.target.closest?.("[data-select-command]");
    if (!link || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    const all = rows();
    const at = all.findIndex((row) => row.dataset.command === link.dataset.selectCommand);
    const next = all[at + (event.key === "ArrowDown" ? 1 : -1)];
    if (!next) return;
    next.querySelector("a").focus();
    pinned = next !== all.at(-1);
    select(next.dataset.command);
  });
  document.addEventListener("vibe:select-command", ({ detail }) => {
    pinned = true;
    select(detail.command);
  });
  document.addEventListener("vibe:changed", follow);
  const wanted = wantedCommand();
  if (rows().some((row) => row.dataset.command === wanted)) {
    pinned = true;
    select(wanted);
  } else follow();
}

const rows = () => [...document.querySelectorAll("#commands > li")];

/** The newest command is shown as it comes, unless one chose another. */
function follow() {
  const all = rows();
  if (!all.length) return;
  if (!$("log").dataset.command) pinned = false;
  const running = all.filter((row) => row.dataset.status !== "finished");
  const newest = all.at(-1);
  if (!pinned && newest.dataset.command !== selected) {
    select(newest.dataset.command);
    const list = $("commands");
    list.scrollTop = list.scrollHeight;
  } else if (!all.some((row) => row.dataset.command === selected))
    select((running.at(-1) ?? newest).dataset.command);
  else mark();
}

function select(command) {
  selected = command;
  const view = $("log");
  if (view.dataset.command !== command) {
    view.dataset.after = "0";
    view.dataset.command = command;
    const place = $("log-pane").querySelector("[data-refused]");
    place.dataset.refused = command;
    renew(place);
  }
  $("log-empty").hidden = true;
  mark();
}

function mark() {
  for (const row of rows()) row.toggleAttribute("data-selected", row.dataset.command === selected);
  for (const link of document.querySelectorAll("#commands a[aria-current]"))
    link.removeAttribute("aria-current");
  const link = document.querySelector("#commands li[data-selected] > a");
  link?.setAttribute("aria-current", "true");
  const head = $("log-head");
  if (head.textContent !== (link?.title ?? "")) head.textContent = link?.title ?? "";
}
