// A question with a consequence in words.

import { element } from "./elements.js";

/** Ask in a dialog; resolves to true when the person agrees. */
export function confirmed(question) {
  const dialog = element("dialog", "dialog");
  const form = element("form");
  form.method = "dialog";
  const footer = element("footer");
  const verb = question.match(/^\p{L}+/u)?.[0] ?? "Continue";
  footer.append(answer(verb, "yes", "button danger"), answer("Cancel", "no", "button"));
  form.append(element("p", "", question), footer);
  dialog.append(form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}

function answer(words, value, css) {
  const made = element("button", css, words);
  made.value = value;
  return made;
}
