// What every page does: menus close, notices go, questions are asked, copies are made.

import { confirmed } from "./confirm.js";
import { copyFrom } from "./copy.js";
import { startCountdowns } from "./countdown.js";
import { startForms } from "./forms.js";
import { failure } from "./http.js";
import { notify, startNotices } from "./notices.js";
import { startCommands } from "./page-commands.js";

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (
      !menu.contains(event.target) ||
      event.target.closest(".menu-list :is(a, button[type=submit])")
    ) {
      menu.open = false;
    }
  }
  const dismiss = event.target.closest("[data-dismiss]");
  if (dismiss) dismiss.closest(".notice").remove();
  const opener = event.target.closest("[data-dialog]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.dialog);
    if (!dialog.open) dialog.showModal();
  }
  copyFrom(event);
});

document.addEventListener(
  "keydown",
  (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details[data-menu][open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
      event.stopPropagation();
    }
  },
  true,
);

// A question before what cannot be undone: of plain forms and of htmx buttons alike.
document.addEventListener(
  "submit",
  async (event) => {
    const form = event.target;
    if (!form.dataset?.confirm || form.dataset.confirmed) return;
    event.preventDefault();
    if (await confirmed(form.dataset.confirm)) {
      form.dataset.confirmed = "yes";
      form.requestSubmit();
    }
  },
  true,
);
document.addEventListener(
  "click",
  async (event) => {
    const button = event.target.closest("button[data-confirm]");
    if (!button || button.dataset.confirmed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (await confirmed(button.dataset.confirm)) {
      button.dataset.confirmed = "yes";
      button.click();
      delete button.dataset.confirmed;
    }
  },
  true,
);

document.addEventListener("htmx:response:error", (event) => {
  const words = failure(event.detail?.ctx?.response?.raw?.status ?? 0);
  if (words) notify(words);
});
document.addEventListener("htmx:error", (event) => {
  if (event.detail?.ctx && !event.detail.ctx.response) notify(failure(0));
});

// Successes leave by themselves, failures stay until they are read.
function scheduleLeaving(root) {
  for (const notice of root.querySelectorAll(
    ':is(.notice[data-tone="success"], .notice[data-tone="info"]):not(:has(form))',
  )) {
    setTimeout(() => notice.remove(), 6000);
  }
}
scheduleLeaving(document);
startCountdowns();
startForms();
startNotices();
if (document.querySelector("[data-shortcuts]")) startCommands(); // somebody is signed in
