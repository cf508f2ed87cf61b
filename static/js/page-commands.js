// The commands of every page, and those of the workbench.

import { register, startKeys } from "./commands.js";

const $ = (id) => document.getElementById(id);
const bench = () => document.querySelector(".workbench") !== null;
const click = (selector) => () => document.querySelector(selector)?.click();
const there = (selector) => () => document.querySelector(selector) !== null;
const inMenu = (end) => `#title .menu-list form[action$="/${end}/"] button`;

export function startCommands() {
  register(
    {
      title: "Find anything",
      keys: "Mod+K",
      run: () => import("./palette.js").then((module) => module.openPalette()),
    },
    { title: "New conversation", keys: "n", run: () => location.assign("/new/") },
    { title: "Search conversations", keys: "s", run: searchList },
    { title: "Write a message", keys: "/", here: bench, when: bench, run: write },
    panel("Preview", "p", "[data-tab-button=preview]"),
    panel("Code", "c", "[data-tab-button=code]"),
    panel("Changes", "d", "[data-tab-button=changes]"),
    panel("Logs", "l", "[data-panel-button=logs]"),
    panel("Terminal", "t", "[data-panel-button=terminal]"),
    panel("Resources", "", "[data-panel-button=resources]"),
    {
      title: "Show or hide the conversation list",
      keys: "b",
      here: bench,
      when: bench,
      run: click("#list-toggle"),
    },
    action("Fork this conversation at its end", ".message:last-child .message-foot form button"),
    action("Duplicate this conversation", inMenu("fork")),
    action("Archive this conversation", inMenu("archive")),
    action("Delete this conversation…", inMenu("delete")),
    action("Export this conversation", "#title .menu-list a[download]"),
    { title: "Rename this conversation", when: there("#title-input"), run: rename },
    action("Stop the model", "#composer-action .stop"),
    action("Extend the sandbox by half an hour", '#sandbox-status [hx-post$="/extend/"]'),
    action("Stop the sandbox…", '#sandbox-status [hx-post$="/stop/"]'),
    action("Resume the sandbox", '#sandbox-status [hx-post$="/resume/"]'),
    action("Change the theme", "#theme"),
    {
      title: "Keyboard shortcuts",
      keys: "?",
      run: () => import("./shortcuts.js").then((module) => module.openShortcuts()),
    },
    { title: "Send the message", keys: "Enter", here: bench },
    { title: "New line in the message", keys: "Shift+Enter", here: bench },
    { title: "Stop the model, while in the message", keys: "Esc", here: bench },
  );
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-shortcuts]"))
      import("./shortcuts.js").then((module) => module.openShortcuts());
    if (event.target.closest("[data-palette]"))
      import("./palette.js").then((module) => module.openPalette());
  });
  startKeys();
}

function panel(name, keys, selector) {
  return { title: `Show ${name}`, keys, here: bench, when: bench, run: click(selector) };
}

function action(title, selector) {
  return { title, keys: "", when: there(selector), run: click(selector) };
}

function write() {
  document.querySelector('[data-show="chat"]')?.click();
  $("message")?.focus();
}

function searchList() {
  const field = document.querySelector(".list-head input[name=q]");
  if (!field?.checkVisibility()) return location.assign("/conversations/");
  field.focus();
  field.select();
}

function rename() {
  $("title").open = true;
  $("title-input").focus();
  $("title-input").select();
}
