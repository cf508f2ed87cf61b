// What the preview says where the app shows nothing: what is waited for, and why a page is blank.

import { compose, latestError } from "./console-panel.js";
import { showPanel } from "./panels.js";
import { renew } from "./refused.js";
import { show } from "./tabs.js";

const LATE = 5000;
const TOO_LATE = 30_000;
const STARTING = 2500;
const $ = (id) => document.getElementById(id);
let timers = [];
let saying = "";
let error = null;

/** `reload()`: load the page again. */
export function startWords(reload) {
  document.addEventListener("click", (event) => {
    const what = event.target.closest("#preview-state [data-do]")?.dataset.do;
    if (!what) return;
    if (what === "fix") compose(error);
    if (what === "console") showPanel("console", { asked: true });
    if (what === "log") openLog();
    if (what === "reload") reload();
    if (what === "hide") hide();
  });
  document.addEventListener("vibe:commands", () => {
    if (saying === "starting" && !running()) hide();
  });
}

/** The page at this port has been asked for. */
export function waitFor(port, name) {
  hide();
  const its = name ? `“${name}”` : "The server";
  timers = [
    setTimeout(() => {
      say("waiting", {
        title: `Waiting for port ${port}`,
        words: `${its} has the request, and has not begun to answer for 5 seconds.`,
        log: running(name),
        buttons: ["log", "hide"],
      });
    }, LATE),
    setTimeout(() => {
      say("waiting", {
        title: `Port ${port} does not answer`,
        words: `${its} has the request, and has not begun to answer for 30 seconds. It may hang, or wait for
          something itself; its log says more. Load the page again, or stop the server and start it anew.`,
        log: running(name),
        buttons: ["log", "reload", "hide"],
      });
    }, TOO_LATE),
  ];
}

/** The page has begun to come. */
export function arrived() {
  forget();
  if (saying === "waiting" || saying === "starting") hide();
}

/** Nothing listens: what runs may be on its way there. */
export function nothingListens() {
  forget();
  if (saying !== "starting") hide();
  timers = [
    setTimeout(() => {
      const command = running();
      refusedOf($("preview-empty"), last());
      if (!command) return;
      say("starting", {
        title: "No port is open yet",
        words: `“${command.title}” is running. The app shows here as soon as a server listens.`,
        log: command,
        buttons: ["log", "hide"],
      });
    }, STARTING),
  ];
}

/** The page has loaded and there is nothing to see, or there is again. */
export function blank(isBlank) {
  if (!isBlank) {
    if (saying === "blank") hide();
    return;
  }
  error = latestError();
  say("blank", {
    title: "The page is blank",
    words: error
      ? "It came, and this error is the last that it told:"
      : "It came, and has no text, no picture and no colour. Nothing in it told an error.",
    text: error?.message ?? "",
    tone: error ? "danger" : "",
    buttons: error ? ["fix", "console", "reload", "hide"] : ["console", "reload", "hide"],
  });
}

export function hide() {
  forget();
  saying = "";
  const place = $("preview-state");
  if (!place) return;
  place.hidden = true;
  delete place.querySelector("log-view").dataset.command;
}

function forget() {
  for (const timer of timers) clearTimeout(timer);
  timers = [];
}

function say(what, { title, words, text = "", tone = "", log = null, buttons }) {
  const place = $("preview-state");
  if (!place) return;
  saying = what;
  place.dataset.tone = tone;
  place.querySelector("h2").textContent = title;
  place.querySelector("p").textContent = words;
  const pre = place.querySelector("pre");
  pre.textContent = text;
  pre.hidden = !text;
  const view = place.querySelector("log-view");
  view.hidden = !log;
  if (log) view.dataset.command = log.id;
  refusedOf(place, log ?? running());
  for (const button of place.querySelectorAll("[data-do]")) {
    const { do: does } = button.dataset;
    button.hidden = !buttons.includes(does) || (does === "log" && !log);
  }
  place.hidden = false;
}

/** `{id, title}` of the command that runs by this name, or of the last one that runs. */
function running(name = "") {
  const rows = [...document.querySelectorAll('#commands > [data-status="running"]')];
  const titled = (row) => row.querySelector("a").title;
  const row = rows.find((one) => name && titled(one).startsWith(name)) ?? rows.at(-1);
  return row ? { id: row.dataset.command, title: titled(row).slice(0, 80) } : null;
}

/** The last command of all: one that has just failed may say why nothing listens. */
function last() {
  const row = document.querySelector("#commands > li:last-child");
  return row ? { id: row.dataset.command } : null;
}

/** What the network policy has refused a command, with the button that allows it. */
function refusedOf(place, command) {
  const refused = place.querySelector(".refused-hosts");
  refused.dataset.refused = command?.id ?? "";
  renew(refused);
}

function openLog() {
  const { command } = $("preview-state").querySelector("log-view").dataset;
  show("logs");
  document.dispatchEvent(new CustomEvent("vibe:select-command", { detail: { command } }));
}
