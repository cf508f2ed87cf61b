// Tool cards: open while something runs, closed again when it went well, unless one touched them.

import { copyText } from "./copy.js";
import { request } from "./http.js";
import { lastMessages, refetch } from "./live.js";
import { notify } from "./notices.js";
import { show } from "./tabs.js";

// Of a long thread the end is looked through, which is where cards change.
const LOOKED_AT = 6;

export function startCards(scroll) {
  document.addEventListener("click", (event) => {
    const summary = event.target.closest(".message details > summary");
    if (summary) summary.parentElement.dataset.touched = "";
    const log = event.target.closest("[data-open-log]");
    if (log) {
      event.preventDefault();
      openLog(log.dataset.openLog);
    }
    const copy = event.target.closest("[data-copy-log]");
    if (copy) copyText(copy.closest(".tool").querySelector("log-view").text(), copy);
    const focus = event.target.closest("[data-focus]");
    if (focus) {
      const target = document.querySelector(focus.dataset.focus);
      target.focus();
      target.showPicker?.();
    }
  });

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-rerun]")) return;
    event.preventDefault();
    rerun(event.target.action);
  });

  document.addEventListener("vibe:changed", () => {
    const ended = ':is([data-state="done"], [data-state="background"])';
    // One that asks whether a host is to be allowed waits for the answer.
    const asks = ":has([data-allow-host])";
    // Folding would move what one reads.
    if (!scroll.isStuck()) return;
    const done = `details.tool${ended}[open]:not([data-touched], ${asks})`;
    for (const message of lastMessages(LOOKED_AT))
      for (const card of message.querySelectorAll(done)) card.open = false;
  });

  // A server that a card left in the background has ended: its card tells how.
  document.addEventListener("vibe:commands", (event) => {
    for (const [command, status] of Object.entries(event.detail.commands)) {
      if (status !== "finished") continue;
      for (const card of document.querySelectorAll(
        `.tool[data-command="${CSS.escape(command)}"]`,
      )) {
        if (card.dataset.state === "background") refetch(card.closest(".message").id);
      }
    }
  });
}

function openLog(command) {
  show("logs");
  document.dispatchEvent(new CustomEvent("vibe:select-command", { detail: { command } }));
}

/** The same command once more, as one of the person's; its log shows. */
async function rerun(address) {
  try {
    openLog((await request("POST", new URL(address).pathname)).command);
  } catch (error) {
    notify(error.message);
  }
}
