// The preview follows the files: what a turn or the editor has changed is shown without a click.

const QUIET = 500;
const busy = () => Boolean(document.querySelector("#composer-action[data-busy]"));
let changedAt = 0;
let timer = 0;
let wasBusy = false;

/** `loadedAt()`: when the app was loaded last; `reload()`: load it again where it is. */
export function startFollowing(loadedAt, reload) {
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      // While a turn goes on its files are half written.
      if (!busy() && changedAt > loadedAt()) reload();
    }, QUIET);
  };
  document.addEventListener("vibe:files", ({ detail }) => {
    if (!detail?.written) return;
    changedAt = Date.now();
    soon();
  });
  // Also what commands of a turn have changed is in its version.
  document.addEventListener("vibe:versions", ({ detail }) => {
    if (!detail?.made || changedAt) return;
    changedAt = Date.now();
    soon();
  });
  wasBusy = busy();
  document.addEventListener("vibe:changed", () => {
    const now = busy();
    if (wasBusy && !now && changedAt) soon();
    if (!wasBusy && now) changedAt = 0;
    wasBusy = now;
  });
}
