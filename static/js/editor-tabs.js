// The row of open files above the pane: which there are, which shows, which are not saved.

import { button, element } from "./elements.js";
import { markSelected, moveByKeys } from "./tablist.js";

const SELECTOR = "[data-file-tab]";
const tabs = () => [...document.querySelectorAll(SELECTOR)];

/** `choose(path)` and `close(path)`: what a person wants of a tab. */
export function startFileTabs({ choose, close }) {
  document.addEventListener("click", (event) => {
    const { fileTab, fileClose } =
      event.target.closest("[data-file-tab], [data-file-close]")?.dataset ?? {};
    if (fileClose) close(fileClose);
    else if (fileTab) choose(fileTab);
  });
  document.addEventListener("auxclick", (event) => {
    const tab = event.button === 1 && event.target.closest(".file-tab")?.querySelector(SELECTOR);
    if (tab) close(tab.dataset.fileTab);
  });
  document.addEventListener("keydown", (event) => {
    const tab = event.target.closest?.(SELECTOR);
    if (tab && event.key === "Delete") close(tab.dataset.fileTab);
  });
  moveByKeys(SELECTOR, (tab) => choose(tab.dataset.fileTab));
}

/** Put the keyboard on the tab that shows, where one has closed another by keys. */
export const focusTab = () => document.querySelector(`${SELECTOR}[aria-selected="true"]`)?.focus();

/** Show these paths; elements of paths that stay are kept, the keyboard may be on one. */
export function paintTabs(paths, { active, isDirty }) {
  const bar = document.getElementById("file-tabs");
  if (!bar) return;
  for (const tab of tabs())
    if (!paths.includes(tab.dataset.fileTab)) tab.closest(".file-tab").remove();
  for (const [place, path] of paths.entries()) {
    const tab = tabs().find((one) => one.dataset.fileTab === path) ?? added(bar, path);
    tab.id = `file-tab-${place}`;
    const name = nameOf(path, paths);
    tab.textContent = name;
    tab.setAttribute("aria-label", isDirty(path) ? `${name}, not saved` : name);
    tab.closest(".file-tab").toggleAttribute("data-dirty", isDirty(path));
  }
  bar.hidden = !paths.length;
  // Named rather than around them: a list of tabs holds tabs, not the buttons that close.
  const list = document.getElementById("file-tab-list");
  list.hidden = !paths.length;
  list.setAttribute("aria-owns", paths.map((_, place) => `file-tab-${place}`).join(" "));
  const before = document.querySelector(`${SELECTOR}[aria-selected="true"]`)?.dataset.fileTab;
  markSelected(SELECTOR, (tab) => tab.dataset.fileTab === active);
  // One of them is always reached by the Tab key.
  if (!paths.includes(active) && tabs().length) tabs()[0].tabIndex = 0;
  if (before !== active)
    document
      .querySelector(`${SELECTOR}[aria-selected="true"]`)
      ?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function added(bar, path) {
  const box = element("span", "file-tab");
  const tab = button("", "");
  tab.title = path;
  tab.setAttribute("role", "tab");
  tab.setAttribute("aria-controls", "file");
  tab.dataset.fileTab = path;
  const close = button("file-x", "");
  close.title = "Close";
  close.tabIndex = -1; // by keys: Delete on the tab
  close.setAttribute("aria-label", `Close ${path}`);
  close.dataset.fileClose = path;
  box.append(tab, close);
  bar.append(box);
  return tab;
}

/** The file's name, with its folder where another one has the same. */
function nameOf(path, paths) {
  const name = path.split("/").at(-1);
  const twice = paths.filter((one) => one.split("/").at(-1) === name).length > 1;
  return twice ? path.split("/").slice(-2).join("/") : name;
}
