// The code panel: the tree is read when it is looked at, and again when files changed.

import { isShown, show } from "./tabs.js";

const QUIET = 300;
let stale = true;
let timer = 0;
let selected = "";

export function startCode() {
  document.addEventListener("vibe:files", () => { stale = true; refresh(); });
  document.addEventListener("vibe:shown", refresh);
  document.addEventListener("vibe:changed", () => {
    // The panel is new after a sandbox started: read its files.
    if (document.querySelector("#tree > .tree-note:only-child") && !timer) { stale = true; refresh(); }
  });
  document.addEventListener("click", (event) => {
    const row = event.target.closest("#tree [data-path]");
    if (row) choose(row.dataset.path);
    const link = event.target.closest("[data-open-file]");
    if (link) {
      show("code");
      choose(link.dataset.openFile, true);
    }
  });
  document.addEventListener("htmx:after:swap", mark);
  refresh();
}

function refresh() {
  if (!stale || !isShown("code") || !document.getElementById("tree")) return;
  clearTimeout(timer);
  timer = setTimeout(read, QUIET);
}

async function read() {
  timer = 0;
  const tree = document.getElementById("tree");
  if (!tree) return;
  stale = false;
  await htmx.ajax("GET", tree.getAttribute("hx-get"), { source: tree, target: tree, swap: "innerMorph" });
  if (selected) load(selected);
}

function choose(path, fetchNow = false) {
  selected = path;
  mark();
  if (fetchNow) load(path);
}

function load(path) {
  const panel = document.getElementById("code-panel");
  const file = document.getElementById("file");
  if (!file) return;
  const body = file.querySelector(".file-body");
  const place = body && file.querySelector(".file-head")?.dataset.path === path ? body.scrollTop : 0;
  htmx.ajax("GET", `/sandboxes/${panel.dataset.sandbox}/file/?path=${encodeURIComponent(path)}`, { source: file, target: file, swap: "innerHTML" })
    .then(() => { const fresh = file.querySelector(".file-body"); if (fresh) fresh.scrollTop = place; });
}

function mark() {
  for (const row of document.querySelectorAll("#tree [data-path]")) {
    if (row.dataset.path === selected) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
}
