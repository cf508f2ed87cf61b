// In a page beside the app's frame and of its origin: reloads the app and tells where it is.
// Not a module of the workbench's: sandboxes/preview/beside.py sends it as a page.

const LOOK_EVERY = 500;
// What dev servers load into a page that they update by themselves.
const HOT =
  /\/@vite\/client|\/@react-refresh|webpack-hmr|hmr-client|hot-update|_next\/static\/development|livereload|browser-sync|_stcore\//;
let told = "";
let followed = "";

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

/** Say where the app is, if that is news. */
function look() {
  const frame = app();
  if (!frame) return;
  const { canGoBack: back = false, canGoForward: forward = false } = frame.navigation ?? {};
  const words = { path: pathOf(frame), title: frame.document.title.slice(0, 60), back, forward };
  const now = JSON.stringify(words);
  if (now === told) return;
  told = now;
  tell(followed, words);
}

addEventListener("message", ({ source, origin, data }) => {
  if (source !== parent) return;
  const frame = app();
  if (data.ask === "reload") {
    const hot = Boolean(frame && data.unlessHot && isHot(frame));
    if (frame && !hot) frame.location.reload();
    tell(origin, { done: frame ? (hot ? "hot" : "reloading") : "none" });
  }
  // Only among the frame's own pages: the tab's history is the workbench's too.
  if (data.ask === "back" && frame?.navigation?.canGoBack) frame.navigation.back();
  if (data.ask === "forward" && frame?.navigation?.canGoForward) frame.navigation.forward();
  if (data.ask === "follow" && !followed) {
    followed = origin;
    setInterval(look, LOOK_EVERY);
  }
});
