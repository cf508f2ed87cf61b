// The tab of one terminal: its name, which can be changed, and the button that closes it.

import { button, element } from "./elements.js";

export function tabOf(record) {
  const box = element("span", "terminal-tab");
  const tab = button("", record.name);
  tab.id = `tab-${record.id}`;
  tab.title = "Double click or F2 renames";
  tab.setAttribute("role", "tab");
  tab.setAttribute("aria-controls", `screen-${record.id}`);
  tab.dataset.terminal = record.id;
  const close = button("terminal-x", "×");
  close.title = "Close this terminal";
  close.setAttribute("aria-label", `Close ${record.name}`);
  close.dataset.terminalClose = record.id;
  box.append(tab, close);
  return box;
}

/** Put a field in place of the tab's name; where `keep(name)` fails, the old one comes back. */
export function rename(tab, keep) {
  const before = tab.textContent;
  const field = Object.assign(element("input", "input small"), { value: before, maxLength: 40 });
  field.setAttribute("aria-label", "Name of the terminal");
  tab.hidden = true;
  tab.before(field);
  field.select();
  let done = false;
  const finish = async (wanted) => {
    if (done) return;
    done = true;
    field.remove();
    tab.hidden = false;
    const name = field.value.trim();
    if (!wanted || !name || name === before) return;
    tab.textContent = name;
    if (!(await keep(name))) tab.textContent = before;
  };
  field.addEventListener("blur", () => finish(true));
  field.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Enter") finish(true);
    if (event.key === "Escape") finish(false);
  });
}
