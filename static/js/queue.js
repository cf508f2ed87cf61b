// Messages that wait: a chip that is being edited is left alone, and chips are put in order by hand.

import { request } from "./http.js";
import { notify } from "./notices.js";

// What is being typed in chips, by their ids: a chip may go while one types in it.
const drafts = new Map();
let dragged = null;

const box = () => document.getElementById("queue");
const conversation = () => box()?.querySelector("[data-queued]")?.dataset.queued;

/** Show the queue as it is now. */
function renew() {
  const address = location.pathname.match(/^\/c\/[^/]+\//)?.[0];
  if (address) htmx.ajax("GET", `${address}queue/`, { source: box(), swap: "none" });
}

/** Let the person type in a chip; a long text comes only now. */
async function edit(chip) {
  const box = chip.querySelector("textarea");
  if (box.hasAttribute("data-long")) {
    box.disabled = true;
    try {
      const { message } = await request("GET", `/api/v1/queued-messages/${chip.id}`);
      box.defaultValue = message;
      box.removeAttribute("data-long");
      box.disabled = false;
    } catch (error) {
      notify(error.message);
      return close(chip);
    }
  }
  box.focus();
}

function close(chip) {
  drafts.delete(chip.id);
  delete chip.dataset.editing;
  chip.querySelector("details").open = false;
  renew();
}

/** What was typed in a chip that is gone goes on in the composer. */
function rescue() {
  for (const [id, text] of drafts) {
    if (document.getElementById(id)) continue;
    drafts.delete(id);
    document.dispatchEvent(new CustomEvent("vibe:compose", { detail: { text } }));
    notify(
      "The message that you were editing waits no more: it was sent as it was, or removed. " +
        "What you have typed is in the message field.",
      "warning",
    );
  }
}

async function putInOrder() {
  const ids = [...box().querySelectorAll(".queued")].map((chip) => chip.id);
  try {
    await request("PUT", `/api/v1/conversations/${conversation()}/queue`, { data: { ids } });
  } catch (error) {
    notify(error.message);
  }
  renew();
}

function startDragging() {
  document.addEventListener("pointerdown", (event) => {
    const chip = event.target.closest?.("#queue .grip")?.closest(".queued");
    if (chip) chip.draggable = true;
  });
  document.addEventListener("dragstart", (event) => {
    const chip = event.target.closest?.("#queue .queued");
    if (!chip) return;
    dragged = chip;
    chip.dataset.dragged = "";
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/x-vibe-queued", chip.id);
  });
  document.addEventListener("dragover", (event) => {
    const over = dragged && event.target.closest?.("#queue .queued");
    if (!over) return;
    event.preventDefault();
    if (over === dragged) return;
    const { top, height } = over.getBoundingClientRect();
    if (event.clientY < top + height / 2) over.before(dragged);
    else over.after(dragged);
  });
  document.addEventListener("dragend", () => {
    if (!dragged) return;
    delete dragged.dataset.dragged;
    dragged.draggable = false;
    dragged = null;
    putInOrder();
  });
}

export function startQueue() {
  startDragging();
  document.addEventListener(
    "toggle",
    (event) => {
      const chip = event.target.closest?.("#queue .queued");
      if (!chip) return;
      if (!event.target.open) return chip.dataset.editing === undefined || close(chip);
      chip.dataset.editing = "";
      edit(chip);
    },
    true,
  );
  document.addEventListener("input", (event) => {
    const chip = event.target.closest?.("#queue .queued");
    if (!chip) return;
    if (event.target.value === event.target.defaultValue) drafts.delete(chip.id);
    else drafts.set(chip.id, event.target.value);
  });
  document.addEventListener("click", (event) => {
    const cancel = event.target.closest?.("[data-queued-cancel]");
    if (!cancel) return;
    const chip = cancel.closest(".queued");
    chip.querySelector("form").reset();
    close(chip);
  });
  document.addEventListener("keydown", (event) => {
    const chip = event.target.closest?.("#queue .queued[data-editing]");
    if (!chip || event.isComposing || event.keyCode === 229) return;
    if (event.key === "Escape") {
      event.preventDefault();
      chip.querySelector("[data-queued-cancel]").click();
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      chip.querySelector("form").requestSubmit(chip.querySelector("[name=do]"));
    }
  });
  document.addEventListener("htmx:after:request", (event) => {
    const form = event.detail.ctx.sourceElement;
    if (!form.matches?.("[data-queued-form]") || !event.detail.ctx.response?.raw?.ok) return;
    const chip = form.closest(".queued");
    if (chip) close(chip);
  });

  // Another tab was first: show what holds now.
  document.addEventListener("htmx:response:error", (event) => {
    const source = event.detail.ctx?.sourceElement;
    if (source?.closest?.("#queue .queued") && !source.closest("[data-editing]")) renew();
  });

  // A button keeps the focus when its chip has moved, and hands it on when it is gone.
  let focused = "";
  document.addEventListener("focusin", (event) => {
    focused = event.target.closest?.("#queue") ? event.target.id : "";
  });
  for (const news of ["vibe:changed", "htmx:finally:request"])
    document.addEventListener(news, () => {
      rescue();
      if (!focused || document.activeElement !== document.body) return;
      const next = document.getElementById(focused);
      (next && !next.disabled ? next : document.getElementById("message")).focus();
    });
}
