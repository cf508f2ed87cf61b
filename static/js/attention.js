// Tells of the end of a long turn, or of its question, who looks elsewhere: in the title and the
// icon of the tab, and by a notice of the system when the person has asked for that.

import { register } from "./commands.js";
import { button, icon } from "./elements.js";
import { notify } from "./notices.js";

const LONG = 15_000;
const MARK = "● ";
const state = () => document.getElementById("turn-state");
const tabIcon = () => document.querySelector("link[rel=icon]");
const canAsk = () => "Notification" in window && Notification.permission === "default";
let since = 0;
let asked = false;
let offer = null;

export function startAttention() {
  const link = tabIcon();
  link.dataset.idle = link.href;
  follow();
  document.addEventListener("vibe:changed", follow);
  document.addEventListener("htmx:after:swap", follow);
  for (const event of ["visibilitychange", "focus"]) addEventListener(event, seen, true);
  setInterval(offerToTell, 1000);
  register({
    title: "Tell me when a long answer is done",
    keys: "",
    when: canAsk,
    run: askPermission,
  });
}

function follow() {
  const { since: began, status } = state()?.dataset ?? {};
  if (began && status === "waiting") {
    if (!asked) tell("Vibe waits for you");
    asked = true;
    return;
  }
  asked = false;
  if (began) {
    since = Date.parse(began);
    show("working");
  } else if (since) {
    const failed = document.querySelector('.list-row[data-status="failed"] [aria-current]');
    const took = Date.now() - since;
    since = 0;
    offer?.remove();
    offer = null;
    show("idle");
    if (took > LONG) tell(failed ? "The answer failed" : "The answer is done");
  }
}

function tell(words) {
  if (!document.hidden && document.hasFocus()) return;
  if (!document.title.startsWith(MARK)) document.title = MARK + document.title;
  show("attention");
  if ("Notification" in window && Notification.permission === "granted") {
    const title = document.querySelector("#title .clip")?.textContent ?? "";
    const notice = new Notification(words, { body: title, tag: location.pathname });
    notice.addEventListener("click", () => {
      focus();
      notice.close();
    });
  }
}

function seen() {
  if (document.hidden) return;
  if (document.title.startsWith(MARK)) document.title = document.title.slice(MARK.length);
  if (!since) show("idle");
}

function show(name) {
  const link = tabIcon();
  link.href = link.dataset[name] ?? link.dataset.idle;
}

/** A button beside a turn that takes long; the browser's own question comes after a click only. */
function offerToTell() {
  if (!since || offer || !canAsk() || Date.now() - since < LONG) return;
  offer = button("button ghost small tell-me", "", askPermission);
  offer.append(icon("bell"), "Tell me when it is done");
  state().after(offer);
}

async function askPermission() {
  offer?.remove();
  const answer = await Notification.requestPermission();
  notify(
    answer === "granted"
      ? "You will be told when a long answer is done while you look elsewhere."
      : "The browser does not let Vibe tell you. Its settings for this page can change that.",
    "info",
  );
}
