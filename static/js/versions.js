// The changes panel and the versions of the conversation: looked at, named, restored.

import { element } from "./elements.js";
import { refetch } from "./live.js";
import { isShown, show } from "./tabs.js";

let stale = true;
let address = "";

const conversation = () => location.pathname.match(/^\/c\/([^/]+)\//)?.[1];
const panel = () => document.getElementById("changes");

export function startVersions() {
  document.addEventListener("vibe:versions", () => {
    stale = true;
    // Also of a turn before the last one the version may have been on its way.
    const saving = document.querySelectorAll(".thread .version-line:not(:has([data-version]))");
    const last = [...document.querySelectorAll(".thread > .message")].at(-1);
    const messages = [...saving].map((line) => line.closest(".message"));
    for (const id of new Set([...messages, last].map((message) => message?.id))) refetch(id);
    refresh();
  });
  document.addEventListener("vibe:shown", refresh);
  document.addEventListener("click", clicked);
  document.addEventListener("submit", submitted);
  document.addEventListener("change", (event) => {
    event.target.closest("[data-changes-form]")?.requestSubmit();
  });
  refresh();
}

/** Read the panel anew when it is looked at and something has changed since. */
function refresh() {
  if (!stale || !isShown("changes") || !conversation()) return;
  stale = false;
  load(address || `/c/${conversation()}/changes/`);
}

function load(url) {
  htmx.ajax("GET", url, { source: panel(), target: panel(), swap: "innerHTML" });
}

function clicked(event) {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const line = event.target.closest("[data-version]");
  if (line) {
    address = `/c/${conversation()}/changes/?version=${line.dataset.version}`;
    stale = true;
    show("changes");
  }
  const row = event.target.closest("#changes a[data-changes]");
  if (row) {
    event.preventDefault();
    address = row.href === panel().querySelector("[data-changes]")?.href ? "" : row.href;
    load(row.href);
  }
  const restore = event.target.closest("a[data-restore]");
  if (restore) {
    event.preventDefault();
    ask(restore.href);
  }
}

function submitted(event) {
  const form = event.target.closest("#changes form");
  if (!form) return;
  event.preventDefault();
  const values = new FormData(form, event.submitter);
  if (form.matches("[data-changes-form]")) {
    address = `${form.getAttribute("action")}?${new URLSearchParams(values)}`;
    return load(address);
  }
  htmx.ajax("POST", form.getAttribute("action"), {
    source: panel(),
    target: panel(),
    swap: "innerHTML",
    values: Object.fromEntries(values),
  });
}

/** The question before a restore, with its choices, as a dialog. */
async function ask(url) {
  const dialog = element("dialog", "dialog");
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  await htmx.ajax("GET", url, { source: dialog, target: dialog, swap: "innerHTML" });
  const form = dialog.querySelector("form");
  if (!form) return dialog.remove();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const values = Object.fromEntries(new FormData(form));
    dialog.close();
    htmx.ajax("POST", form.getAttribute("action"), {
      source: document.body,
      target: document.body,
      swap: "none",
      values,
    });
  });
  dialog.querySelector("[data-dialog-close]").addEventListener("click", (event) => {
    event.preventDefault();
    dialog.close();
  });
  dialog.showModal();
}
