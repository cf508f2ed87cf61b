// A question with a consequence in words; resolves to true when the person agrees.

export function ask(question) {
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  const form = document.createElement("form");
  form.method = "dialog";
  const text = document.createElement("p");
  text.textContent = question;
  const footer = document.createElement("footer");
  const verb = question.match(/^\p{L}+/u)?.[0] ?? "Go on";
  footer.append(button(verb, "yes", "button danger"), button("Cancel", "no", "button"));
  form.append(text, footer);
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

function button(words, value, css) {
  const element = document.createElement("button");
  element.value = value;
  element.className = css;
  element.textContent = words;
  return element;
}
