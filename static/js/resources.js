// The resources panel: while somebody looks at it, the server draws it anew every two seconds.

import { shownPanel } from "./tabs.js";

const PAUSE = 2000;
let timer = 0;

export function openResources() {
  clearTimeout(timer);
  draw();
}

async function draw() {
  const panel = document.getElementById("resources-panel");
  if (shownPanel() !== "resources" || !panel) return;
  const looking = !document.hidden && panel.offsetParent !== null;
  try {
    if (looking && panel.dataset.sandbox) {
      await htmx.ajax("GET", `/sandboxes/${panel.dataset.sandbox}/usage/`, {
        source: panel,
        swap: "none",
      });
    }
  } finally {
    clearTimeout(timer);
    timer = setTimeout(draw, PAUSE);
  }
}
