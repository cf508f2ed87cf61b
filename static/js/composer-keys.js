// The keys of the chat: Enter sends where there are keys to send with, Esc stops what is under way.

// Where Esc has a meaning of its own.
const OTHERS =
  "dialog, .terminal, .xterm, .cm-editor, [contenteditable], details[data-menu], #queue, " +
  "input, select, textarea:not(#message)";

export function startComposerKeys(form, text) {
  const action = () => document.getElementById("composer-action");

  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.altKey) return;
    // An input method takes Enter to choose a word; Safari tells so by the key's code alone.
    if (event.isComposing || event.keyCode === 229) return;
    // A keyboard on glass has no Shift at hand: there Enter is a new line, and Send sends.
    if (matchMedia("(pointer: coarse)").matches && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    if (event.repeat || !text.value.trim()) return;
    form.requestSubmit(form.querySelector(".send, .queue-send"));
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || event.repeat) return;
    if (event.isComposing || event.keyCode === 229) return;
    if (!action().hasAttribute("data-busy")) return;
    if (document.querySelector("dialog[open], details[data-menu][open], [popover]:popover-open"))
      return;
    if (event.target.closest?.(OTHERS)) return;
    action().querySelector("button.stop").click();
  });
}
