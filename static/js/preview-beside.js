// The page of ours beside the app's frame: of the app's origin, it may reload the app and see where
// it is. What it says could be said by the app as well, so it is only ever a path to show.

const LONGEST = 2000;
const ANSWER_WITHIN = 1500;
let frame = null;
let origin = "";
let followed = () => {};
let answered = null;
let pointed = () => {};

/** `follow(path, facts)`: what to do when the app has gone elsewhere. */
export function startBeside(follow) {
  followed = follow;
  addEventListener("message", ({ source, origin: from, data }) => {
    if (!frame || source !== frame.contentWindow || from !== origin) return;
    if (data?.from !== "beside") return;
    if (typeof data.path === "string" && data.path.startsWith("/"))
      followed(data.path.slice(0, LONGEST), {
        title: typeof data.title === "string" ? data.title.slice(0, 60) : "",
        back: data.back === true,
        forward: data.forward === true,
      });
    if (["reloading", "hot", "none"].includes(data.done)) answered?.(data.done);
    if (["picking", "picked", "view"].some((name) => Object.hasOwn(data, name))) pointed(data);
  });
}

/** `listener(data)`: what to do with `picking`, `picked` and `view` of preview/beside/picking.js. */
export function hearPointing(listener) {
  pointed = listener;
}

/** Ask it something of preview/beside; false where no app is shown. */
export function askBeside(words) {
  frame?.contentWindow.postMessage(words, origin);
  return Boolean(frame);
}

/** Put it beside the frame that shows this origin; `null`: nothing is shown. */
export function besideOf(shown) {
  if (shown === origin && frame?.isConnected) return;
  frame?.remove();
  frame = null;
  origin = shown ?? "";
  if (!shown) return;
  const template = document.getElementById("preview-beside-template");
  const fresh = template.content.firstElementChild.cloneNode(false);
  fresh.addEventListener("load", () => {
    if (fresh === frame) fresh.contentWindow.postMessage({ ask: "follow" }, origin);
  });
  fresh.src = `${shown}/.well-known/vibe-beside`;
  frame = fresh;
  document.getElementById("preview").append(fresh);
}

/** Have the app go "back" or "forward" among its own pages. */
export function go(way) {
  frame?.contentWindow.postMessage({ ask: way }, origin);
}

/** Reload the app where it is: "reloading", "hot" when it updates by itself, "none" otherwise. */
export async function reloadWhereItIs({ unlessHot }) {
  if (!frame) return "none";
  const done = new Promise((resolve) => {
    answered = resolve;
    setTimeout(() => resolve("none"), ANSWER_WITHIN);
  });
  frame.contentWindow.postMessage({ ask: "reload", unlessHot }, origin);
  const said = await done;
  answered = null;
  return said;
}
