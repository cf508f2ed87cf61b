// The arrow up in an empty message brings back what one has said, the arrow down goes on again.

export function startRecall() {
  const text = document.getElementById("message");
  let at = -1; // how far back; -1: what is being written
  let shown = "";

  text.addEventListener("keydown", (event) => {
    const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (
      !step ||
      event.isComposing ||
      event.shiftKey ||
      event.altKey ||
      event.ctrlKey ||
      event.metaKey
    )
      return;
    if (text.value !== (at < 0 ? "" : shown)) {
      at = -1; // it was changed: the arrows move in it
      return;
    }
    const before = said();
    const next = Math.max(-1, Math.min(at + step, before.length - 1));
    if (next === at) return;
    event.preventDefault();
    at = next;
    shown = at < 0 ? "" : before[at];
    text.value = shown;
    text.dispatchEvent(new Event("input", { bubbles: true }));
  });
  document.addEventListener("vibe:sent", () => {
    at = -1;
  });
}

// The person's own messages that the page shows, the latest first, each once.
function said() {
  const found = document.querySelectorAll(".message[data-role=user] .said");
  const texts = [...found].map((one) => one.textContent).reverse();
  return texts.filter((one, place) => one && one !== texts[place - 1]);
}
