// The composer: grows with its text, sends on Enter, keeps the draft of each conversation.

const key = (form) => `vibe:draft:${form.dataset.draft}`;

export function startComposer() {
  const form = document.getElementById("composer");
  const text = document.getElementById("message");
  // Files alone are a message too.
  const blank = () => !text.value.trim() && !form.querySelector("[name=attachment]");
  const busy = () => document.getElementById("composer-action").hasAttribute("data-busy");

  text.value ||= localStorage.getItem(key(form)) ?? "";
  mark();
  form.addEventListener("vibe:attached", mark);
  // On a phone the keyboard would cover what one came to read.
  if (matchMedia("(min-width: 768px)").matches) text.focus({ preventScroll: true });
  text.addEventListener("input", () => {
    mark();
    if (text.value) localStorage.setItem(key(form), text.value);
    else localStorage.removeItem(key(form));
  });
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    if (!busy() && !blank()) form.requestSubmit(form.querySelector(".send"));
  });

  // Before htmx sees it: nothing blank is sent; a starter brings its own text along.
  form.addEventListener(
    "submit",
    (event) => {
      const submitter = event.submitter;
      if (submitter?.hasAttribute("formaction")) return;
      const starter = submitter?.name === "message";
      if (!starter && (blank() || busy())) {
        event.preventDefault();
        event.stopImmediatePropagation();
        return;
      }
      if (!form.hasAttribute("hx-post") && !starter) localStorage.removeItem(key(form));
      for (const button of document.querySelectorAll(".starters button"))
        button.setAttribute("aria-disabled", "true");
    },
    true,
  );

  // The text leaves the field once the server has taken it, and stays there when it has not.
  document.addEventListener("htmx:after:request", (event) => {
    const { ctx } = event.detail;
    if (ctx?.sourceElement !== form || !ctx.response?.raw?.ok) return;
    if (ctx.request.body?.get?.("message")?.trim() === text.value.trim() || text.value.trim()) {
      text.value = "";
      localStorage.removeItem(key(form));
    }
    mark();
    document.dispatchEvent(new CustomEvent("vibe:sent"));
  });

  document.addEventListener("keydown", (event) => {
    if (
      event.key === "Escape" &&
      busy() &&
      !document.querySelector("dialog[open]") &&
      document.activeElement === text
    ) {
      document.querySelector("#composer-action button").click();
    }
  });

  function mark() {
    form.toggleAttribute("data-blank", blank());
  }
}
