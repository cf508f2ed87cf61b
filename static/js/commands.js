// What can be done by a key or by its name: one list, which the palette, the page of shortcuts and
// the keyboard draw from. Whatever stands here is reached by a button or link of the page too.

const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
const known = [];

/**
 * Add commands: { title, group, keys, run, when }. `keys` as "Mod+K" or one character, "" for none;
 * without `run` it is a key that something else of the page hears, listed for people. `when` says
 * whether it is possible now.
 */
export function register(...commands) {
  known.push(...commands);
}

/** Those that are possible now. */
export const possible = () => known.filter(({ run, when }) => run && (!when || when()));

/** All that have keys and whose place is on this page, for the list of shortcuts. */
export const withKeys = () => known.filter(({ keys, here }) => keys && (!here || here()));

/** Keys as people of this machine read them: one word each. */
export function keysInWords(keys) {
  return keys
    .split("+")
    .map((key) =>
      key === "Mod" ? (isMac ? "⌘" : "Ctrl") : key.length === 1 ? key.toUpperCase() : key,
    );
}

export function startKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.repeat) return;
    const command = possible().find(({ keys }) => keys && matches(keys, event));
    if (!command) return;
    event.preventDefault();
    command.run();
  });
}

function matches(keys, event) {
  // What is typed into a terminal is the program's.
  if (event.target.closest?.(".xterm, .terminal-screens")) return false;
  const withMod = keys.startsWith("Mod+");
  const mod = isMac ? event.metaKey : event.ctrlKey;
  const other = isMac ? event.ctrlKey : event.metaKey;
  if (withMod !== mod || other || event.altKey) return false;
  const key = withMod ? keys.slice(4) : keys;
  if (event.key.toLowerCase() !== key.toLowerCase()) return false;
  if (withMod) return !event.shiftKey;
  // A letter is a letter where one writes, and over an open dialog or a menu.
  if (isWriting(event.target) || document.querySelector("dialog[open], [popover]:popover-open"))
    return false;
  return /[a-z]/i.test(key) ? !event.shiftKey : true;
}

function isWriting(target) {
  return target.isContentEditable || target.closest?.("input, textarea, select, log-view") !== null;
}
