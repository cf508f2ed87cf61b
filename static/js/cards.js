// Tool cards: open while something runs, closed again when it went well, unless one touched them.

import { refetch } from "./live.js";
import { show } from "./tabs.js";

export function startCards(scroll) {
  document.addEventListener("click", (event) => {
    const summary = event.target.closest(".message details > summary");
    if (summary) summary.parentElement.dataset.touched = "";
    const log = event.target.closest("[data-open-log]");
    if (log) {
      show("logs");
      document.dispatchEvent(
        new CustomEvent("vibe:select-command", { detail: { command: log.dataset.openLog } }),
      );
    }
    const focus = event.target.closest("[data-focus]");
    if (focus) {
      const target = document.querySelector(focus.dataset.focus);
      target.focus();
      target.showPicker?.();
    }
  });

  document.addEventListener("vibe:changed", () => {
    const ended = ':is([data-state="done"], [data-state="background"])';
    // One that asks whether a host is to be allowed waits for the answer.
    const asks = ":has([data-allow-host])";
    const cards = document.querySelectorAll(
      `details.tool${ended}[open]:not([data-touched], ${asks})`,
    );
    for (const card of cards) {
      // Folding would move what one reads.
      if (scroll.isStuck()) card.open = false;
    }
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
