// The list of shortcuts, drawn from the same list as the keys themselves; loaded when asked for.

import { keysInWords, withKeys } from "./commands.js";
import { button, element } from "./elements.js";

export function openShortcuts() {
  const dialog = element("dialog", "dialog shortcuts");
  dialog.setAttribute("aria-labelledby", "shortcuts-title");
  const title = element("h2", "", "Keyboard shortcuts");
  title.id = "shortcuts-title";
  const table = element("dl");
  for (const { keys, title: words } of withKeys()) {
    const term = element("dt");
    term.append(...keysInWords(keys).map((key) => element("kbd", "", key)));
    table.append(term, element("dd", "", words));
  }
  const note = element(
    "p",
    "muted",
    "Single letters do nothing while you write, in a terminal or in a log.",
  );
  const footer = element("footer");
  footer.append(button("button", "Close", () => dialog.close()));
  dialog.append(title, table, note, footer);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
