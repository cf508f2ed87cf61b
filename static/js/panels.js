// The tabs below the stage: logs, terminal, resources. What they need is loaded when they open.

import { remember } from "./preferences.js";
import { workbench } from "./tabs.js";

const LOADERS = {
  terminal: () => import("./terminals.js").then((module) => module.openTerminals),
  resources: () => import("./resources.js").then((module) => module.openResources),
};

export const shownPanel = () => workbench().dataset.panel;

/** Bring a panel forward; `asked`: by a person, who then wants to use it at once. */
export async function showPanel(panel, { asked = false } = {}) {
  workbench().dataset.panel = panel;
  mark();
  if (asked) remember({ panel });
  document.dispatchEvent(new CustomEvent("vibe:panel", { detail: { panel } }));
  const open = await LOADERS[panel]?.();
  open?.({ asked });
}

function mark() {
  for (const tab of document.querySelectorAll("[data-panel-button]")) {
    const selected = tab.dataset.panelButton === shownPanel();
    tab.setAttribute("aria-selected", String(selected));
    tab.tabIndex = selected ? 0 : -1;
  }
}

export function startPanels() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-panel-button]");
    if (button) showPanel(button.dataset.panelButton, { asked: true });
  });
  document.addEventListener("keydown", (event) => {
    const tab = event.target.closest?.("[data-panel-button]");
    if (!tab || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    const all = [...document.querySelectorAll("[data-panel-button]")];
    const next = all.at((all.indexOf(tab) + (event.key === "ArrowRight" ? 1 : -1)) % all.length);
    showPanel(next.dataset.panelButton);
    remember({ panel: next.dataset.panelButton });
    next.focus();
  });
  // To look at a command's output is to look at the logs.
  document.addEventListener("vibe:select-command", () => { if (shownPanel() !== "logs") showPanel("logs"); });
  // A conversation that got another sandbox brings its panels anew.
  document.addEventListener("vibe:changed", mark);
  if (shownPanel() !== "logs") showPanel(shownPanel());
}
