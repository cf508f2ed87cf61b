// Which panel shows: the tabs above the stage, and the bar at the bottom of a phone.

import { remember } from "./preferences.js";
import { markSelected, moveByKeys } from "./tablist.js";

export const workbench = () => document.querySelector(".workbench");
/** Which of the panels below the stage shows. */
export const shownPanel = () => workbench().dataset.panel;
const TABS = ["preview", "code", "changes"];
const isPhone = () => matchMedia("(max-width: 767px)").matches;

/** Show a panel: chat, preview, code, changes or logs; on a wide page only the tabs change. */
export function show(panel, { keep = true } = {}) {
  const bench = workbench();
  bench.dataset.view = panel;
  for (const button of document.querySelectorAll("[data-show]")) {
    button.toggleAttribute("aria-current", false);
    if (button.dataset.show === panel) {
      button.setAttribute("aria-current", "true");
      delete button.dataset.fresh;
    }
  }
  if (TABS.includes(panel)) {
    bench.dataset.tab = panel;
    markTabs(panel);
    if (keep) remember({ tab: panel });
  }
  if (keep) keepInAddress(panel);
  document.dispatchEvent(new CustomEvent("vibe:shown", { detail: { panel } }));
}

/** A reload shows the same again; the server renders what the address says. */
function keepInAddress(panel) {
  const address = new URL(location.href);
  address.searchParams.set("tab", panel);
  history.replaceState(history.state, "", address);
}

/** Bring a panel forward on a wide page; on a phone only mark its tab, one may be reading. */
export function offer(panel) {
  if (!isPhone()) return show(panel, { keep: false });
  const button = document.querySelector(`[data-show="${panel}"]`);
  if (workbench().dataset.view !== panel) button.dataset.fresh = "";
  // What one looks at in another of them stays.
  if (TABS.includes(panel) && !TABS.includes(workbench().dataset.view)) {
    workbench().dataset.tab = panel;
    markTabs(panel);
  }
}

export function isShown(panel) {
  const bench = workbench();
  return isPhone()
    ? bench.dataset.view === panel
    : panel === "logs" || panel === "chat" || bench.dataset.tab === panel;
}

function markTabs(panel) {
  markSelected("[data-tab-button]", (tab) => tab.dataset.tabButton === panel);
}

export function startTabs() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-show], [data-tab-button]");
    if (button) show(button.dataset.show ?? button.dataset.tabButton);
  });
  moveByKeys("[data-tab-button]", (tab) => show(tab.dataset.tabButton));
  const toggle = document.getElementById("list-toggle");
  toggle.addEventListener("click", () => {
    const bench = workbench();
    const collapsed = isPhone()
      ? bench.dataset.list === "open"
      : bench.dataset.list !== "collapsed";
    if (isPhone()) bench.dataset.list = collapsed ? "" : "open";
    else {
      bench.dataset.list = collapsed ? "collapsed" : "";
      remember({ list_collapsed: collapsed });
    }
    toggle.setAttribute("aria-expanded", String(!collapsed));
  });
  if (isPhone()) toggle.setAttribute("aria-expanded", "false");
}
