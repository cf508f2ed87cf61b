// What the editor keeps in this browser tab: which files are open, and texts that are not saved.

import { notify } from "./notices.js";

const TOO_LONG = "Your unsaved text is too long to survive a reload of this page. Save it first.";
const EMPTY = { paths: [], active: "", drafts: {} };
const keyOf = (sandbox) => `vibe:editor:${sandbox}`;

/** `{paths, drafts, active}` of a sandbox: in the order of the tabs, by path, the one that shows. */
export function recalled(sandbox) {
  try {
    return { ...EMPTY, ...JSON.parse(sessionStorage.getItem(keyOf(sandbox))) };
  } catch {
    return { ...EMPTY };
  }
}

let told = false;

/** Keep the open files, by path, and which shows; it is told once where their texts are too long. */
export function keepOpen(sandbox, files, active) {
  const drafts = {};
  for (const [path, file] of files) if (file.kept) drafts[path] = file.kept;
  if (keep(sandbox, { paths: [...files.keys()], drafts, active })) return;
  if (Object.keys(drafts).length && !told) {
    told = true;
    notify(TOO_LONG, "warning");
  }
}

/** Whether it could be kept; where there is no room for the drafts, the tabs still are. */
function keep(sandbox, { paths, active, drafts }) {
  for (const kept of [
    { paths, active, drafts },
    { paths, active },
  ]) {
    try {
      sessionStorage.setItem(keyOf(sandbox), JSON.stringify(kept));
      return kept.drafts !== undefined;
    } catch {
      // No room, or no storage at all.
    }
  }
  return false;
}
