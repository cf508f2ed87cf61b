// A row of tabs, as every page has them: one is selected, and the arrow keys go to the others.

/** Mark the selected ones of the tabs at `selector`; only those are reached by the Tab key. */
export function markSelected(selector, isSelected) {
  for (const tab of document.querySelectorAll(selector)) {
    const selected = isSelected(tab);
    tab.setAttribute("aria-selected", String(selected));
    tab.tabIndex = selected ? 0 : -1;
  }
}

/** Let the arrow keys, Home and End choose among the tabs at `selector`, which may come and go. */
export function moveByKeys(selector, choose) {
  document.addEventListener("keydown", (event) => {
    const tab = event.target.closest?.(selector);
    if (!tab) return;
    const all = [...document.querySelectorAll(selector)];
    const next = all.at(place(event.key, all.indexOf(tab), all.length));
    if (!next || next === tab) return;
    event.preventDefault();
    choose(next);
    next.focus();
  });
}

function place(key, at, count) {
  if (key === "ArrowLeft") return at - 1;
  if (key === "ArrowRight") return (at + 1) % count;
  if (key === "Home") return 0;
  return key === "End" ? -1 : at;
}
