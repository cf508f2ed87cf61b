// Who may open the preview that is shown: the word beside its address, and the menu behind it.

const $ = (id) => document.getElementById(id);
let shown = "";

/** Tell of this port; 0: nothing is shown. */
export function showAccess(sandbox, port) {
  const menu = $("preview-share");
  const now = port ? `/sandboxes/${sandbox}/ports/${port}/` : "";
  menu.hidden = !now;
  if (now === shown && $("preview-share-word").childElementCount) return;
  shown = now;
  menu.open = false;
  if (now) htmx.ajax("GET", now, { source: menu, target: menu, swap: "none" });
}

/** Somebody may have changed it elsewhere, or its time may be over: ask when the menu is opened. */
export function startAccess() {
  document.addEventListener(
    "toggle",
    ({ target }) => {
      if (target.id === "preview-share" && target.open && shown)
        htmx.ajax("GET", shown, { source: target, target, swap: "none" });
    },
    true,
  );
}
