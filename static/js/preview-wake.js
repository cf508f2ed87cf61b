// Who opens the preview of a sandbox that rests wants to see the app: it is started, and its servers
// with it.

const OPENS = '[data-tab-button="preview"], [data-show="preview"], [data-open-preview]';

/** Wake the sandbox if this is what opens its preview. One that could not start is left to a person. */
export function wakeIfAsked(target) {
  if (!target.closest(OPENS)) return;
  const { status } = document.getElementById("sandbox-status").dataset;
  const button = document.querySelector("#preview-words [hx-post]");
  if (status === "stopped" && button && !button.disabled) button.click();
}
