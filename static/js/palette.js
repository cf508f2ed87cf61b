// The palette: everything by its name. A dialog with a combobox; loaded when it is first opened.

import { keysInWords, possible } from "./commands.js";
import { element } from "./elements.js";
import { request } from "./http.js";

const QUIET = 120;
let dialog;
let input;
let list;
let items = [];
let active = 0;
let asked = 0;
let timer = 0;

export function openPalette() {
  if (!dialog) build();
  if (dialog.open) return dialog.close();
  input.value = "";
  show([]);
  dialog.showModal();
  look();
}

function build() {
  dialog = element("dialog", "dialog palette");
  dialog.setAttribute("aria-label", "Palette");
  input = element("input", "input");
  input.type = "text";
  input.maxLength = 200;
  input.placeholder = "A conversation, file, page or action";
  for (const [name, value] of Object.entries({
    role: "combobox",
    autocomplete: "off",
    spellcheck: "false",
    "aria-expanded": "true",
    "aria-controls": "palette-list",
    "aria-autocomplete": "list",
    "aria-label": "A conversation, file, page or action",
  }))
    input.setAttribute(name, value);
  list = element("div", "palette-list");
  list.id = "palette-list";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "What fits");
  dialog.append(input, list);
  document.body.append(dialog);
  input.addEventListener("input", () => {
    show(actions(), true);
    clearTimeout(timer);
    timer = setTimeout(look, QUIET);
  });
  input.addEventListener("keydown", keys);
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (!option) return;
    event.preventDefault();
    choose(items[Number(option.dataset.place)], event.ctrlKey || event.metaKey);
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
}

function keys(event) {
  if (event.isComposing) return;
  if (event.key === "ArrowDown") mark(active + 1);
  else if (event.key === "ArrowUp") mark(active - 1);
  else if (event.key === "PageDown") mark(Math.min(active + 8, items.length - 1));
  else if (event.key === "PageUp") mark(Math.max(active - 8, 0));
  else if (event.key === "Enter" && items[active])
    choose(items[active], event.ctrlKey || event.metaKey);
  else return;
  event.preventDefault();
}

/** Actions of this page whose name holds all that is typed. */
function actions() {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  return possible()
    .filter(
      ({ title, keys }) =>
        keys !== "Mod+K" && words.every((word) => title.toLowerCase().includes(word)),
    )
    .map((command) => ({ ...command, group: "Actions" }));
}

async function look() {
  const turn = ++asked;
  const sandbox = document.getElementById("sandbox-status")?.dataset.sandbox ?? "";
  const words = new URLSearchParams({ q: input.value.trim(), sandbox });
  let found = [];
  try {
    found = (await request("GET", `/palette/?${words}`)).items;
  } catch (error) {
    found = [{ group: "Not reached", title: error.message }];
  }
  if (turn !== asked || !dialog.open) return;
  // After what is there already: nothing moves under the hand of who is about to choose.
  show([...actions(), ...found]);
}

function show(fresh, waiting = false) {
  const before = items[active];
  items = fresh;
  list.replaceChildren();
  let group = "";
  let section = list;
  for (const [place, item] of items.entries()) {
    if (item.group !== group) {
      group = item.group;
      section = element("div", "palette-group");
      section.setAttribute("role", "group");
      section.setAttribute("aria-label", group);
      const head = element("div", "palette-head", group);
      head.setAttribute("aria-hidden", "true");
      section.append(head);
      list.append(section);
    }
    section.append(row(item, place));
  }
  if (!items.length && input.value)
    list.append(element("p", "list-empty", waiting ? "Looking…" : "Nothing fits."));
  const same = items.findIndex((item) => item.title === before?.title && item.url === before?.url);
  mark(waiting ? 0 : Math.max(same, 0));
}

function row(item, place) {
  const made = element(item.url ? "a" : "div", "palette-row");
  if (item.url) made.href = item.url;
  made.tabIndex = -1;
  made.id = `palette-${place}`;
  made.dataset.place = String(place);
  made.setAttribute("role", "option");
  made.append(element("span", item.file ? "clip mono" : "clip", item.title));
  if (item.keys) {
    const keys = element("span", "palette-keys");
    keys.append(...keysInWords(item.keys).map((key) => element("kbd", "", key)));
    made.append(keys);
  }
  return made;
}

function mark(place) {
  if (!items.length) {
    input.removeAttribute("aria-activedescendant");
    return;
  }
  active = (place + items.length) % items.length;
  for (const option of list.querySelectorAll("[role=option]"))
    option.setAttribute("aria-selected", String(Number(option.dataset.place) === active));
  const chosen = document.getElementById(`palette-${active}`);
  input.setAttribute("aria-activedescendant", chosen.id);
  chosen.scrollIntoView({ block: "nearest" });
}

function choose(item, apart) {
  if (!item.run && !item.url) return;
  dialog.close();
  if (item.run) return item.run();
  if (item.file && document.getElementById("tree")) return openFile(item.file);
  if (apart) window.open(item.url, "_blank", "noopener");
  else location.assign(item.url);
}

/** In the code panel, which hears of such links. */
function openFile(path) {
  const link = element("button");
  link.hidden = true;
  link.dataset.openFile = path;
  document.body.append(link);
  link.click();
  link.remove();
}
