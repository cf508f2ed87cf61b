// The editor of the code panel: files open in tabs, in the place where the server shows their text.

import { confirmed } from "./confirm.js";
import { copyText } from "./copy.js";
import { conflictNotice } from "./editor-conflict.js";
import { keepOpen, recalled } from "./editor-drafts.js";
import { focusTab, paintTabs, startFileTabs } from "./editor-tabs.js";
import { notify } from "./notices.js";
import { OpenFile } from "./open-file.js";
import { isShown } from "./tabs.js";

const MOST_TABS = 12;
const KEEPING = 300;

const panel = () => document.getElementById("code-panel");
const head = () => document.querySelector("#file > .file-head");
const place = () => document.querySelector("#file > .file-text[data-editable]");
const $ = (selector) => document.querySelector(`#file ${selector}`);

let sandbox = "";
let files = new Map();
let load = () => {};
let wanted = { path: "", line: 0, focus: false };
let timer = 0;

/** `choose(path)` shows a file or folder in the pane. */
export function startEditor({ choose }) {
  load = choose;
  startFileTabs({ choose, close });
  document.addEventListener("htmx:before:swap", beforeSwap);
  document.addEventListener("htmx:after:swap", attend);
  document.addEventListener("vibe:changed", attend);
  document.addEventListener("click", (event) => {
    const file = shown();
    if (!file) return;
    if (event.target.closest("#file [data-editor-save]")) tried(() => file.save());
    const copy = event.target.closest("#file [data-editor-copy]");
    if (copy) copyText(file.text, copy);
  });
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.key.toLowerCase() !== "s")
      return;
    if (!shown() || !isShown("code")) return;
    event.preventDefault();
    tried(() => shown().save());
  });
  addEventListener("pagehide", remember);
  addEventListener("beforeunload", (event) => {
    remember();
    if ([...files.values()].some((file) => file.dirty)) event.preventDefault();
  });
  attend();
}

/** The file whose editor is in the pane, if one is. */
function shown() {
  const file = files.get(head()?.dataset.path);
  return file?.view?.dom.isConnected ? file : null;
}

/** Whether the pane holds a text that is not saved. */
export const isUnsaved = () => shown()?.dirty ?? false;

/** The path to show first: that of the last file that was open here. */
export const lastPath = () => {
  follow();
  return recalled(sandbox).active ?? "";
};

/** Go to that line when the file shows; at once where it does. */
export function wantLine(path, line) {
  wanted = { path, line, focus: true };
  const file = shown();
  if (file?.path === path) arrive(file);
}

/** See what the files that are open say by now; whether the pane holds an editor that did. */
export async function refreshEditor() {
  const file = shown();
  if (!file) return false;
  if (!(await tried(() => file.refresh()))) forget(file.path);
  return true;
}

/** Another sandbox has other files: those that were open in it before come back. */
function follow() {
  const now = panel()?.dataset.sandbox ?? "";
  if (now === sandbox) return;
  if (sandbox) remember();
  sandbox = now;
  files = new Map();
  if (!sandbox) return;
  const { paths, drafts } = recalled(sandbox);
  for (const path of paths) files.set(path, opened(path, drafts[path]));
}

const opened = (path, draft) => new OpenFile(sandbox, path, changed, draft);

function beforeSwap(event) {
  const file = shown();
  if (file) {
    file.scroll = file.view.scrollSnapshot();
    if (file.view.hasFocus) wanted = { path: file.path, line: 0, focus: true };
  }
  const { action = "", body } = event.detail?.ctx?.request ?? {};
  if ((event.detail?.ctx?.response?.status ?? 500) >= 400) return;
  if (action.includes("/file/create/")) wanted = { path: "", line: 0, focus: true };
  if (action.includes("/file/move/")) moved(body?.get?.("path"), body?.get?.("target")?.trim());
  if (action.includes("/file/delete/"))
    moved(new URL(action, location.href).searchParams.get("path"), null);
}

/** A file or folder has another path now, or none. */
function moved(from, to) {
  if (!from) return;
  for (const [path, file] of [...files]) {
    if (path !== from && !path.startsWith(`${from}/`)) continue;
    files.delete(path);
    const target = to?.replace(/^\/+|\/+$/g, "");
    // The language may be another one: it is read anew, with what was not saved.
    if (target)
      files.set(
        target + path.slice(from.length),
        opened(target + path.slice(from.length), file.kept),
      );
  }
}

/** Put the editor in the pane that has just come, if what it shows can be edited. */
async function attend() {
  follow();
  const path = head()?.dataset.path;
  if (!sandbox || head()?.dataset.file === undefined) return paint();
  if (!files.has(path)) add(path);
  const box = place();
  const file = files.get(path);
  if (box && !box.contains(file.view?.dom ?? null)) {
    const isNew = !file.view;
    const there = isNew ? await tried(() => file.load()) : true;
    if (box !== place()) return;
    if (there && file.view) mount(file, box);
    if (!isNew && head().dataset.textVersion !== file.version) refreshEditor();
  }
  paint();
}

function add(path) {
  files.set(path, opened(path));
  for (const [old, file] of files) {
    if (files.size <= MOST_TABS) break;
    if (old !== path && !file.dirty) files.delete(old);
  }
}

function mount(file, box) {
  box.replaceChildren(file.view.dom);
  $("[data-editor-help]").hidden = false;
  $("[data-editor-save]").hidden = false;
  const copy = head().querySelector("[data-copy-from]");
  if (copy) {
    // What it copied from is gone.
    delete copy.dataset.copyFrom;
    copy.dataset.editorCopy = "";
  }
  file.view.requestMeasure();
  if (file.scroll) file.view.dispatch({ effects: file.scroll });
  file.scroll = null;
  arrive(file);
}

function arrive(file) {
  const { path, line, focus } = wanted;
  if (path && path !== file.path) return;
  wanted = { path: "", line: 0, focus: false };
  if (line) file.editing.goToLine(file.view, line);
  else if (focus) file.view.focus();
}

/** After a key, an answer of the server, or a choice: what is seen, and what is kept. */
function changed(file) {
  if (file === shown()) paintFile(file);
  if (!timer) timer = setTimeout(remember, KEEPING);
  paint();
}

function paintFile(file) {
  const save = $("[data-editor-save]");
  save.disabled = !file.dirty || file.saving || file.theirs !== null;
  $("[data-editor-state]").textContent = file.saving ? "Saving…" : file.dirty ? "Not saved" : "";
  const notice = $(".editor-conflict");
  if (!file.theirs) notice?.remove();
  else if (notice?.dataset.textVersion !== file.theirs.version) {
    notice?.remove();
    place().before(conflictNotice(file, (act) => decide(file, act)));
  }
}

function paint() {
  const file = shown();
  if (file) paintFile(file);
  paintTabs([...files.keys()], {
    active: head()?.dataset.path,
    isDirty: (path) => files.get(path)?.dirty ?? false,
  });
}

function decide(file, act) {
  if (act === "compare") return file.compare(!file.comparing);
  if (act === "close") return forget(file.path);
  if (act === "take") file.takeTheirs();
  else tried(() => file.keepMine());
  file.view.focus();
}

async function close(path) {
  const file = files.get(path);
  if (file?.dirty && !(await confirmed(`Discard your changes to ${path}?`))) return;
  forget(path);
  focusTab();
}

/** Take a file out of the tabs; where it showed, its neighbour shows. */
function forget(path) {
  const paths = [...files.keys()];
  const at = paths.indexOf(path);
  const showed = head()?.dataset.path === path;
  files.delete(path);
  remember();
  paint();
  if (showed) load(paths[at + 1] ?? paths[at - 1] ?? ".");
}

function remember() {
  clearTimeout(timer);
  timer = 0;
  if (!sandbox) return;
  keepOpen(sandbox, files, head()?.dataset.file === undefined ? "" : head().dataset.path);
}

/** What `act` returns; undefined where it was refused, which is told. */
async function tried(act) {
  try {
    return await act();
  } catch (error) {
    notify(error.message || "The editor could not be loaded. Reload the page.");
    return true;
  }
}
