// What stands above and below a log: search, filter, wrap, times, copy, stop, run again.

import { copyText } from "./copy.js";
import { linkTo } from "./log-links.js";
import { element, icon } from "./log-rows.js";
import { notify } from "./notices.js";

const QUOTED_LINES = 80;

/** A choice that this browser remembers. */
export function kept(name, value) {
  try {
    if (value === undefined) return localStorage.getItem(`vibe:log:${name}`) === "1";
    localStorage.setItem(`vibe:log:${name}`, value ? "1" : "0");
  } catch { /* Nothing is remembered in a private window. */ }
  return Boolean(value);
}

/** The row above; `told(search)` shows how a search stands, `selected(lines)` what is marked. */
export function buildTools(view) {
  const tools = element("div", "log-tools");
  tools.setAttribute("role", "toolbar");
  tools.setAttribute("aria-label", "Log");
  const input = element("input", "input small log-find");
  input.type = "search";
  input.placeholder = "Find or /expression/";
  input.setAttribute("aria-label", "Find in this log; /…/ is a regular expression");
  const count = element("span", "log-count");
  count.setAttribute("aria-live", "polite");
  const up = iconButton("arrow-up", "Previous match", () => view.search.step(-1));
  const down = iconButton("arrow-down", "Next match", () => view.search.step(1));
  const streams = element("select", "select log-streams");
  streams.setAttribute("aria-label", "Which output to show");
  for (const [value, words] of [["0", "All output"], ["1", "stdout"], ["2", "stderr"]]) streams.append(new Option(words, value));
  const box = element("span", "select-box");
  box.append(streams, icon("chevron-down"));
  const found = element("span", "log-found");
  found.append(count, up, down);
  found.hidden = true;
  const field = element("span", "log-find-box");
  field.append(icon("search"), input);
  tools.append(field, found, element("span", "grow"), box, toggle("Wrap", "Long lines on several rows", view.hasAttribute("data-wrap"), (on) => { kept("wrap", on); view.wrap(on); }),
    toggle("Times", "When each line was read", view.hasAttribute("data-times"), (on) => { kept("times", on); view.toggleAttribute("data-times", on); view.resized(); }));

  const look = () => view.search.start(input.value, view.lines, view.topLine());
  input.addEventListener("input", look);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") { event.preventDefault(); view.search.step(event.shiftKey ? -1 : 1); }
    if (event.key === "Escape") { input.value = ""; look(); view.box.focus(); event.stopPropagation(); }
  });
  streams.addEventListener("change", () => view.filter(Number(streams.value)));
  view.addEventListener("keydown", (event) => {
    const find = event.key === "/" && event.target === view.box;
    // The browser's own search would find only the lines that exist just now.
    if (!find && !(event.key === "f" && (event.ctrlKey || event.metaKey))) return;
    event.preventDefault();
    input.focus();
    input.select();
  });
  tools.told = (search) => {
    count.textContent = search.words;
    found.hidden = !search.words;
    input.toggleAttribute("aria-invalid", Boolean(search.problem));
    up.disabled = down.disabled = !search.matches.length;
  };
  tools.selected = (lines) => { view.foot.selected(lines); };
  return tools;
}

/** The row below: how the command stands, and what can be done with it. */
export function buildFoot(view) {
  const foot = element("div", "log-foot");
  foot.append(element("span", "log-state"), element("span", "log-word grow"));
  foot.selected = () => {};
  const copy = button("copy", "Copy", () => copyText(view.text(), copy));
  foot.append(copy);
  if (view.dataset.size !== "large") return foot;
  const link = button("external-link", "Copy link", () => copyText(linkTo(view.dataset.command, view.selection), link));
  link.hidden = true;
  const download = element("a", "button ghost small");
  download.append(icon("download"), element("span", "wide-only", "Download"));
  download.title = "Download all of it as text";
  download.setAttribute("aria-label", "Download all of it as text");
  download.addEventListener("click", () => { download.href = `/commands/${view.dataset.command}/log/`; });
  download.href = "#";
  const quote = button("message-square", "Send to chat", () => quoteLines(view));
  quote.hidden = !document.getElementById("message");
  const stop = button("circle-stop", "Stop", () => act(view, "stop"));
  stop.dataset.when = "running";
  const again = button("rotate-ccw", "Run again", () => act(view, "again"));
  again.dataset.when = "ended";
  foot.append(link, download, quote, stop, again);
  foot.selected = (lines) => {
    link.hidden = !lines;
    copy.title = copy.lastChild.textContent = !lines ? "Copy" : lines[1] > lines[0] ? `Copy ${lines[1] - lines[0] + 1} lines` : "Copy line";
  };
  return foot;
}

/** Put the marked or the last lines into the message that one writes. */
function quoteLines(view) {
  const message = document.getElementById("message");
  const lines = view.text().split("\n").slice(-QUOTED_LINES);
  const title = document.querySelector("#commands li[data-selected] > a")?.title ?? "the command";
  const fence = lines.some((line) => line.includes("```")) ? "````" : "```";
  const quoted = `Output of \`${title.replaceAll("`", "'")}\`:\n${fence}\n${lines.join("\n").trimEnd()}\n${fence}\n`;
  message.value = message.value ? `${message.value.trimEnd()}\n\n${quoted}` : quoted;
  message.dispatchEvent(new Event("input", { bubbles: true }));
  document.querySelector('[data-show="chat"]')?.click();
  message.focus();
}

async function act(view, verb) {
  const headers = JSON.parse(document.body.getAttribute("hx-headers:inherited"));
  try {
    const answer = await fetch(`/commands/${view.dataset.command}/${verb}/`, { method: "POST", headers: { ...headers, Accept: "application/json" } });
    const said = await answer.json();
    if (!answer.ok) return notify(`${said.message} ${said.hint}`.trim());
    if (verb !== "again") return;
    if (document.getElementById("commands")) document.dispatchEvent(new CustomEvent("vibe:select-command", { detail: { command: said.command } }));
    else location.href = `/commands/${said.command}/`;
  } catch {
    notify("The server does not answer. Check that Vibe runs, then try again.");
  }
}

function button(name, words, act_) {
  const made = element("button", "button ghost small");
  made.type = "button";
  made.append(icon(name), element("span", "wide-only", words));
  made.title = words;
  made.addEventListener("click", act_);
  return made;
}

function iconButton(name, words, act_) {
  const made = element("button", "button ghost small icon-only");
  made.type = "button";
  made.title = words;
  made.setAttribute("aria-label", words);
  made.append(icon(name));
  made.addEventListener("click", act_);
  return made;
}

function toggle(words, title, on, change) {
  const made = element("button", "button ghost small log-toggle", words);
  made.type = "button";
  made.title = title;
  made.setAttribute("aria-pressed", String(on));
  made.addEventListener("click", () => {
    const now = made.getAttribute("aria-pressed") !== "true";
    made.setAttribute("aria-pressed", String(now));
    change(now);
  });
  return made;
}
