// What the editor keeps in this browser tab: which files are open, and texts that are not saved.

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

/** Whether it could be kept; where there is no room for the drafts, the tabs still are. */
export function keep(sandbox, { paths, active, drafts }) {
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
