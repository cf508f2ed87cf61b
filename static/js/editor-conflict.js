// The notice above a text whose file says something else by now, and what one can do about it.

import { button, element } from "./elements.js";

/** `act(name)`: "keep", "take", "compare" or, for a file that is gone, "close". */
export function conflictNotice(file, act) {
  const { gone } = file.theirs;
  const box = element("div", "editor-conflict");
  box.setAttribute("role", "alert");
  box.dataset.textVersion = file.theirs.version;
  const words = element("p");
  words.append(
    element("strong", "", `The file was ${gone ? "deleted" : "changed"} while you edited it.`),
    " Your text is kept here and not saved yet.",
  );
  const row = element("div", "editor-choices");
  row.append(button("button small", gone ? "Save mine anew" : "Keep mine", () => act("keep")));
  if (gone) row.append(button("button small", "Discard mine", () => act("close")));
  else {
    const compare = button("button ghost small", "Compare", () => {
      act("compare");
      compare.setAttribute("aria-pressed", String(file.comparing));
    });
    compare.setAttribute("aria-pressed", String(file.comparing));
    compare.title = "Marks your lines, and shows above them what the file says instead";
    row.append(
      button("button small", "Take theirs", () => act("take")),
      compare,
    );
  }
  box.append(words, row);
  return box;
}
