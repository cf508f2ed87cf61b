// What one can do with a message: copy it, say it otherwise, have it answered again.

import { copyText } from "./copy.js";
import { element } from "./elements.js";
import { request } from "./http.js";
import { notify } from "./notices.js";

export function startMessageActions() {
  document.addEventListener("click", (event) => {
    const copy = event.target.closest("[data-copy-message]");
    if (copy) copyText(wordsOf(copy.closest(".message")), copy);
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const link = event.target.closest("a[data-ask]");
    if (!link) return;
    event.preventDefault();
    ask(link);
  });
  document.addEventListener("vibe:thread", () => {
    const address = location.pathname.match(/^\/c\/[^/]+\//)?.[0];
    if (address) htmx.ajax("GET", `${address}thread/`, { source: document.body, swap: "none" });
  });
}

const wordsOf = (message) =>
  [...message.querySelectorAll(".part.text .prose")].map(asShown).join("\n\n");

/** With the ends of its lines. */
function asShown(prose) {
  // biome-ignore lint/performance/useDomNodeTextContent: paragraphs would run into each other
  return prose.innerText;
}

/** The question, as a dialog that stays open, with what was typed, until the server has agreed. */
async function ask(link) {
  const dialog = element("dialog", "dialog resend");
  document.body.append(dialog);
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (link.isConnected) link.focus();
  });
  await htmx.ajax("GET", link.href, { source: dialog, target: dialog, swap: "innerHTML" });
  const form = dialog.querySelector("form");
  if (!form) return dialog.remove();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form, dialog);
  });
  form.querySelector("[data-dialog-close]").addEventListener("click", (event) => {
    event.preventDefault();
    dialog.close();
  });
  dialog.showModal();
  form.querySelector("textarea, select").focus();
}

async function send(form, dialog) {
  const { message, model, files } = Object.fromEntries(new FormData(form));
  const turn = `/api/v1/turns/${form.dataset.resend}`;
  const refused = form.querySelector("[data-refused-words]");
  const button = form.querySelector("footer button");
  button.disabled = true;
  try {
    if (form.dataset.message) {
      const data = { message, model, files, message_id: form.dataset.message };
      await request("POST", `${turn}/resend`, { data });
    } else {
      await request("POST", `${turn}/regenerate`, { data: { model, files } });
    }
    dialog.close();
    document.dispatchEvent(new CustomEvent("vibe:sent"));
    if (files === "restore") notify("The files are being put back as they were.", "info");
  } catch (error) {
    refused.textContent = error.message;
    refused.hidden = false;
    button.disabled = false;
  }
}
