// In a page beside the app's frame and of its origin: reloads the app and tells where it is.
// Not a module of the workbench's: sandboxes/preview/beside.py sends it as a page.

const LOOK_EVERY = 500;
// What dev servers load into a page that they update by themselves.
const HOT =
  /\/@vite\/client|\/@react-refresh|webpack-hmr|hmr-client|hot-update|_next\/static\/development|livereload|browser-sync|_stcore\//;
let told = "";

/** The window of the app, while it shows a page of this origin. */
function app() {
  for (let number = 0; number < parent.length; number += 1) {
    const frame = parent.frames[number];
    try {
      if (frame !== window && frame.location.host === location.host) return frame;
    } catch {
      // Of another origin: the app has led elsewhere, or it is no preview.
    }
  }
  return null;
}

const pathOf = ({ location: { pathname, search, hash } }) => pathname + search + hash;

function isHot(frame) {
  const scripts = [...frame.document.scripts].map((script) => script.src);
  const loaded = frame.performance.getEntriesByType("resource").map((entry) => entry.name);
  return [...scripts, ...loaded].some((name) => HOT.test(name));
}

function tell(target, words) {
  parent.postMessage({ from: "beside", ...words }, target);
}

addEventListener("message", ({ source, origin, data }) => {
  if (source !== parent) return;
  const frame = app();
  if (data.ask === "reload") {
    const hot = Boolean(frame && data.unlessHot && isHot(frame));
    if (frame && !hot) frame.location.reload();
    tell(origin, { done: frame ? (hot ? "hot" : "reloading") : "none" });
  }
  if (data.ask === "follow") {
    setInterval(() => {
      const now = app();
      const path = now ? pathOf(now) : "";
      if (!path || path === told) return;
      told = path;
      tell(origin, { path });
    }, LOOK_EVERY);
  }
});
