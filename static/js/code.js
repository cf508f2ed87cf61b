// The code panel: the tree is read when it is looked at, and again when files changed.

import { isLive, startCodeLive } from "./code-live.js";
import { isUnsaved, lastPath, refreshEditor, startEditor, wantLine } from "./editor.js";
import { startUpload } from "./file-upload.js";
import { isShown, show } from "./tabs.js";

const QUIET = 300;
let stale = true;
let reading = false;
let timer = 0;
let selected = "";

let line = 0;
let place = 0;
let status = "";

export function startCode() {
  startEditor({ choose: (path) => choose(path, true) });
  startUpload();
  startCodeLive(followed, (path) => choose(path, true));
  document.addEventListener("vibe:files", changed);
  document.addEventListener("vibe:shown", refresh);
  document.addEventListener("vibe:changed", () => {
    const now = document.getElementById("sandbox-status")?.dataset.status ?? "";
    if (now !== status) {
      status = now;
      changed();
    }
    // The panel is new after a sandbox started: read its files.
    if (document.querySelector("#tree > .tree-note:only-child") && !timer) changed();
  });
  document.addEventListener("click", (event) => {
    const row = event.target.closest(":is(#tree, #matches) [data-path]");
    if (row) {
      goTo(row.dataset.path, Number(row.dataset.line ?? 0));
      choose(row.dataset.path);
    }
    const link = event.target.closest("[data-open-file]");
    if (link) {
      show("code");
      goTo(link.dataset.openFile, Number(link.dataset.line ?? 0));
      choose(link.dataset.openFile, true);
    }
  });
  document.addEventListener("htmx:before:swap", (event) => {
    const address = event.detail?.ctx?.request?.action ?? "";
    if (!address.includes("/file/?path=")) return;
    const path = new URL(address, location.href).searchParams.get("path");
    // News of the file that arrive after another was chosen, or while a question is open.
    if (address.endsWith("&again=1") && (isBusy() || path !== (selected || "."))) {
      event.preventDefault();
      return;
    }
    // Seen now and not when it was asked for: a search may have led elsewhere meanwhile.
    const head = document.querySelector("#file .file-head");
    place = head?.dataset.path === path ? (fileBody()?.scrollTop ?? 0) : 0;
  });
  document.addEventListener("htmx:after:swap", (event) => {
    const head = document.querySelector("#file .file-head");
    // The tree comes too: it chooses nothing, and another file may be on its way.
    if (head && event.detail?.ctx?.target?.id === "file") selected = head.dataset.path;
    mark();
    goToPlace();
  });
  refresh();
}

const fileBody = () => document.querySelector("#file .file-body");

/** Remember the line to go to when the file is there. */
function goTo(path, number) {
  line = number;
  if (number) wantLine(path, number);
}

/** Scroll to the line that a search has found, or to where the same file was before. */
function goToPlace() {
  const body = fileBody();
  if (!body) return;
  if (line) body.scrollTop = Math.max(0, (line - 1) * 20 - body.clientHeight / 3);
  else if (place) body.scrollTop = place;
  line = place = 0;
}

function changed() {
  stale = true;
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
  if (reading) return; // it sees afterwards that the tree is stale again
  reading = true;
  try {
    do {
      stale = false;
      await htmx.ajax("GET", tree.getAttribute("hx-get"), {
        source: tree,
        target: tree,
        swap: "innerMorph",
      });
    } while (stale && tree.isConnected);
  } finally {
    reading = false;
  }
  if (isBusy() || (await refreshEditor())) return;
  selected ||= lastPath() || ".";
  load(selected);
}

/** Whether a file is being written in the pane, or one is asked about it: that must not go. */
const isBusy = () => isLive() || document.querySelector("dialog[open]") !== null;

/** Whether the pane shows this file while it is written: unless one reads or writes another. */
const followed = (path) =>
  isShown("code") && !isUnsaved() && (isLive() || [path, ".", ""].includes(selected));

function choose(path, fetchNow = false) {
  selected = path;
  mark();
  if (fetchNow) load(path);
}

function load(path) {
  const panel = document.getElementById("code-panel");
  const file = document.getElementById("file");
  if (!file) return;
  htmx.ajax(
    "GET",
    `/sandboxes/${panel.dataset.sandbox}/file/?path=${encodeURIComponent(path)}&again=1`,
    { source: file, target: file, swap: "innerHTML" },
  );
}

function mark() {
  for (const row of document.querySelectorAll("#code :is(#tree, #matches) [data-path]")) {
    if (row.dataset.path === selected) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
}
