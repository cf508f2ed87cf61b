// The tabs below the stage: logs, terminal, resources. What they need is loaded when they open.

import { remember } from "./preferences.js";
import { markSelected, moveByKeys } from "./tablist.js";
import { shownPanel, workbench } from "./tabs.js";

const LOADERS = {
  terminal: () => import("./terminals.js").then((module) => module.openTerminals),
  resources: () => import("./resources.js").then((module) => module.openResources),
};

let opened = false;

/** Bring a panel forward; `asked`: by a person, who then wants to use it at once. */
export async function showPanel(panel, { asked = false } = {}) {
  workbench().dataset.panel = panel;
  mark();
  if (asked) remember({ panel });
  document.dispatchEvent(new CustomEvent("vibe:panel", { detail: { panel } }));
  const open = await LOADERS[panel]?.();
  open?.({ asked });
}

/** What was open the last time is loaded once there is a sandbox that it is about. */
function openFirst() {
  if (opened || !document.querySelector("#sandbox-status[data-sandbox]")) return;
  opened = true;
  if (shownPanel() !== "logs") showPanel(shownPanel());
}

function mark() {
  markSelected("#logs [data-panel-button]", (tab) => tab.dataset.panelButton === shownPanel());
}

export function startPanels() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-panel-button]");
    if (button) showPanel(button.dataset.panelButton, { asked: true });
  });
  // Not asked for: who goes past the terminal does not want a shell.
  moveByKeys("[data-panel-button]", (tab) => {
    showPanel(tab.dataset.panelButton);
    remember({ panel: tab.dataset.panelButton });
  });
  // To look at a command's output is to look at the logs.
  document.addEventListener("vibe:select-command", () => {
    if (shownPanel() !== "logs") showPanel("logs");
  });
  // A conversation that got another sandbox brings its panels anew.
  document.addEventListener("vibe:changed", () => {
    mark();
    openFirst();
  });
  openFirst();
}
