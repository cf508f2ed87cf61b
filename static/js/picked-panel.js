// What was picked in the app: where it is written, and what can be changed right there, without a
// model. Nothing is written before its difference was shown.

import { element as make } from "./elements.js";
import { request } from "./http.js";
import { notify } from "./notices.js";
import { nameOf } from "./picked-facts.js";
import { show } from "./tabs.js";

const SURE = {
  certain: "certain",
  likely: "likely",
  unknown: "not found",
};
const WORDS = {
  certain: "Change it here, or say in the message what should be different.",
  doubt:
    "Its place in the source is not certain, or more than words stand there, so it is not changed " +
    "directly. Say in the message what should be different.",
};
const $ = (id) => document.getElementById(id);
const conversation = () => location.pathname.match(/^\/c\/(conv_\w+)\//)?.[1];
let picked = null;
let proposed = null;

export function startPicked() {
  document.addEventListener("click", ({ target }) => {
    if (target.closest("#picked-close")) hidePicked();
    if (target.closest("#picked-place")) open();
    if (target.closest("#picked-apply")) apply();
    if (target.closest("#picked-drop")) forget();
  });
  document.addEventListener("submit", (event) => {
    if (event.target.id !== "picked-form") return;
    event.preventDefault();
    propose();
  });
  document.addEventListener("input", ({ target }) => {
    if (target.form?.id === "picked-form") forget();
  });
}

export function hidePicked() {
  picked = null;
  forget();
  $("picked").hidden = true;
}

/** `{element, source, sandbox}`, both as the API has them. */
export function showPicked(found) {
  forget();
  picked = found;
  const { element, source } = found;
  const changes = conversation() ? source.changes : [];
  $("picked-name").textContent = nameOf(element);
  $("picked-place").hidden = !source.path;
  $("picked-place").textContent = `${source.path}:${source.line}`;
  $("picked-place").title = `Open ${source.path} at line ${source.line}`;
  $("picked-sure").textContent = SURE[source.sure];
  $("picked-sure").dataset.sure = source.sure;
  $("picked-words").textContent = changes.length ? WORDS.certain : WORDS.doubt;
  $("picked-form").hidden = !changes.length;
  for (const label of $("picked-form").querySelectorAll("[data-change]"))
    label.hidden = !changes.includes(label.dataset.change);
  for (const field of $("picked-form").querySelectorAll("input")) {
    field.value = shownIn(field, element);
    field.dataset.was = field.value;
  }
  $("picked").hidden = false;
}

function shownIn({ name, type }, { text, attributes, style }) {
  if (name === "text") return text;
  if (name === "src") return attributes.src ?? "";
  return type === "color" ? hex(style[name] ?? "") : (style[name] ?? "");
}

/** A colour as the field for it wants it. */
function hex(colour) {
  const [red, green, blue, alpha = "1"] = colour.match(/[\d.]+/g) ?? [];
  if (!/^rgb/.test(colour) || alpha === "0") return "#ffffff";
  return `#${[red, green, blue].map((one) => Number(one).toString(16).padStart(2, "0")).join("")}`;
}

function wanted() {
  const change = { style: {} };
  for (const field of $("picked-form").querySelectorAll("label:not([hidden]) input")) {
    if (field.value === field.dataset.was) continue;
    if (["text", "src"].includes(field.name)) change[field.name] = field.value;
    else change.style[field.name] = field.value;
  }
  return change;
}

async function propose() {
  const { sandbox, element } = picked;
  const change = wanted();
  if (change.text === undefined && change.src === undefined && !Object.keys(change.style).length)
    return say("Nothing is different yet.");
  const data = { element, ...change };
  try {
    const found = await request("POST", `/api/v1/sandboxes/${sandbox}/elements/change`, { data });
    if (picked?.element !== element) return;
    proposed = { ...data, version: found.version };
    showDifference(found.diff);
  } catch (error) {
    say(error.message);
  }
}

function showDifference(diff) {
  const rows = diff.split("\n").filter((line) => !/^(?:---|\+\+\+) /.test(line));
  const lines = rows.map((line) => {
    const row = make("span", "", line.startsWith("@@") ? placeOf(line) : line || " ");
    row.dataset.sign = line[0] ?? " ";
    return row;
  });
  $("picked-diff").replaceChildren(...lines);
  $("picked-diff").hidden = $("picked-actions").hidden = false;
  $("picked-apply").focus();
  say("One place of one file changes:");
}

const placeOf = (line) => `Line ${line.match(/\+(\d+)/)?.[1] ?? "?"}`;

async function apply() {
  const data = proposed;
  if (!data) return;
  proposed = null;
  $("picked-apply").disabled = true;
  try {
    await request("POST", `/api/v1/conversations/${conversation()}/elements/change`, { data });
    hidePicked();
    notify("Changed, and kept as a version. “Undo” in the chat takes it back.", "info");
  } catch (error) {
    forget();
    say(error.message);
  } finally {
    $("picked-apply").disabled = false;
  }
}

function forget() {
  proposed = null;
  $("picked-diff").hidden = $("picked-actions").hidden = true;
}

function say(words) {
  $("picked-words").textContent = words;
}

function open() {
  const { path, line } = picked.source;
  show("code");
  const link = Object.assign(document.createElement("button"), { hidden: true });
  Object.assign(link.dataset, { openFile: path, line: String(line) });
  document.body.append(link);
  link.click();
  link.remove();
}
