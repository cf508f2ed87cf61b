// The composer: grows with its text, sends it, and loses none: what is typed stays a draft of its
// conversation until the server has taken it.

import { startComposerKeys } from "./composer-keys.js";

const draft = (form) => `vibe:draft:${form.dataset.draft}`;
const onItsWay = (form) => `vibe:sending:${form.dataset.draft}`;

export function startComposer() {
  const form = document.getElementById("composer");
  const text = document.getElementById("message");
  // Files alone are a message too, and so is what was picked in the page.
  const blank = () =>
    !text.value.trim() && !form.querySelector("[name=attachment], [name=element]");
  const words = document.getElementById("message-words");
  const limit = Number(text.dataset.limit);

  bringBack();
  form.addEventListener("vibe:attached", changed);
  // On a phone the keyboard would cover what one came to read.
  if (matchMedia("(min-width: 768px)").matches) text.focus({ preventScroll: true });
  text.addEventListener("input", changed);
  startComposerKeys(form, text);

  // Before htmx sees it: nothing blank or too long is sent; a starter brings its own text along.
  form.addEventListener(
    "submit",
    (event) => {
      const submitter = event.submitter;
      if (submitter?.hasAttribute("formaction")) return;
      const starter = submitter?.name === "message";
      if (!starter && (blank() || isTooLong())) {
        event.preventDefault();
        event.stopImmediatePropagation();
        return;
      }
      for (const button of document.querySelectorAll(".starters button"))
        button.setAttribute("aria-disabled", "true");
    },
    true,
  );

  // What goes leaves the field at once, so that one can type on; it comes back when it is refused.
  document.addEventListener("htmx:config:request", (event) => {
    const { ctx } = event.detail;
    if (ctx.sourceElement !== form || ctx.request.submitter?.name === "message") return;
    ctx.said = text.value;
    const others = localStorage.getItem(onItsWay(form));
    keep(onItsWay(form), joined(others, ctx.said));
    put("");
  });
  document.addEventListener("htmx:finally:request", (event) => {
    const { ctx } = event.detail;
    if (ctx.sourceElement !== form) return;
    if (ctx.said !== undefined) {
      const rest = (localStorage.getItem(onItsWay(form)) ?? "").replace(ctx.said, "").trim();
      keep(onItsWay(form), rest);
      if (!ctx.response?.raw?.ok) return put(joined(ctx.said, text.value));
    }
    document.dispatchEvent(new CustomEvent("vibe:sent"));
  });

  // Others have something for the field: what is there already stays before it.
  document.addEventListener("vibe:compose", (event) => {
    put(joined(text.value, event.detail.text));
    text.focus();
  });

  /** The draft, and what was on its way when the page was left, unless it has arrived. */
  function bringBack() {
    if (text.value) return changed();
    if (form.dataset.draft !== "new" && hasArrived(localStorage.getItem("vibe:draft:new")))
      localStorage.removeItem("vibe:draft:new");
    const sent = localStorage.getItem(onItsWay(form));
    localStorage.removeItem(onItsWay(form));
    put(joined(hasArrived(sent) ? "" : sent, localStorage.getItem(draft(form))));
  }

  function put(value) {
    text.value = value;
    changed();
  }

  function changed() {
    keep(draft(form), text.value);
    form.toggleAttribute("data-blank", blank());
    const tooLong = isTooLong();
    form.toggleAttribute("data-too-long", tooLong);
    words.hidden = !tooLong;
    words.textContent = tooLong
      ? `${length().toLocaleString("en")} characters; ${limit.toLocaleString("en")} can be sent. ` +
        "Shorten it, or put the long part in a file of the sandbox."
      : "";
  }

  // The server counts characters, not the halves of which some are made.
  function length() {
    return [...text.value.trim()].length;
  }

  function isTooLong() {
    return text.value.length > limit && length() > limit;
  }
}

function keep(name, value) {
  try {
    if (value) localStorage.setItem(name, value);
    else localStorage.removeItem(name);
  } catch {
    // The browser keeps no more than some megabytes; the field itself still holds it.
  }
}

const joined = (...texts) => texts.filter((one) => one?.trim()).join("\n\n");

/** Whether the thread or the queue shows this message already. */
function hasArrived(text) {
  if (!text?.trim()) return false;
  const said = document.querySelectorAll('.message[data-role="user"] .said');
  const waiting = document.querySelectorAll("#queue textarea");
  return [...said, ...waiting].some(
    (element) => (element.defaultValue ?? element.textContent).trim() === text.trim(),
  );
}
