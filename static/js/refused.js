// What the network policy refused: the buttons that allow a host and run a command again, and the
// words beside cards, logs and terminals, kept as they are now.

import { element } from "./elements.js";
import { request } from "./http.js";
import { notify } from "./notices.js";
import { show } from "./tabs.js";

/** A place for what was refused while `command` ran. It asks at once when `now`. */
export function refusedPlace(command, now = true) {
  const place = element("div", "refused-hosts");
  place.hidden = true;
  place.dataset.refused = command;
  if (now) queueMicrotask(() => renew(place));
  return place;
}

/** Show what holds now. */
export function renew(place) {
  if (!place.dataset.refused) {
    place.hidden = true;
    return;
  }
  htmx.ajax("GET", `/commands/${place.dataset.refused}/refused/`, {
    source: place,
    target: place,
    swap: "outerMorph",
  });
}

const places = (command = "") =>
  document.querySelectorAll(command ? `[data-refused="${CSS.escape(command)}"]` : "[data-refused]");

async function allow({ allowHost, port, sandbox }) {
  await request("POST", `/api/v1/sandboxes/${sandbox}/network-policy/hosts`, {
    data: { host: allowHost, port: Number(port) },
  });
  for (const place of places()) if (!place.hidden) renew(place);
}

async function again({ runAgain }) {
  const { command } = await request("POST", `/commands/${runAgain}/again/`);
  if (!document.getElementById("commands")) {
    location.href = `/commands/${command}/`;
    return;
  }
  show("logs");
  document.dispatchEvent(new CustomEvent("vibe:select-command", { detail: { command } }));
}

export function startRefused() {
  document.addEventListener("click", async (event) => {
    const hide = event.target.closest("[data-hide-refused]");
    if (hide) hide.closest(".refused-hosts").hidden = true;
    const button = event.target.closest("[data-allow-host], [data-run-again]");
    if (!button) return;
    event.preventDefault();
    button.disabled = true;
    try {
      await (button.dataset.allowHost ? allow : again)(button.dataset);
    } catch (error) {
      notify(error.message);
    } finally {
      button.disabled = false;
    }
  });
  document.addEventListener("vibe:refused", (event) => {
    for (const command of event.detail.commands) {
      for (const place of places(command)) {
        renew(place);
        const card = place.closest("details.tool");
        if (card && !("touched" in card.dataset)) card.open = true;
      }
    }
  });
}
