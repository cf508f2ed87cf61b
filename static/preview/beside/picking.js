// A part of the page beside the app's frame: somebody points at an element of the app. A shield over
// the app takes mouse and touch meanwhile, so that nothing of it is pressed.

const CAUGHT = [
  "pointerdown",
  "pointerup",
  "mousedown",
  "mouseup",
  "dblclick",
  "auxclick",
  "contextmenu",
  "touchstart",
  "touchend",
];
const WAYS = {
  ArrowUp: (one) => one.parentElement,
  ArrowDown: (one) => one.firstElementChild,
  ArrowLeft: (one) => one.previousElementSibling,
  ArrowRight: (one) => one.nextElementSibling,
};
const ACCENT = "#2f6feb";
let pick = null;

/** Let the person point; `answer(words)` tells what came of it. `byKeys`: the keys are to work at once. */
function beginPicking(answer, byKeys) {
  endPicking();
  const frame = app();
  if (!frame?.document.body) return answer({ picking: false });
  const page = frame.document;
  pick = { frame, page, answer, element: null, stop: new AbortController(), ...shieldOver(page) };
  const options = { capture: true, signal: pick.stop.signal };
  for (const name of CAUGHT) frame.addEventListener(name, swallow, options);
  frame.addEventListener("pointermove", pointed, options);
  frame.addEventListener("click", clicked, options);
  frame.addEventListener("keydown", pressed, options);
  frame.addEventListener("scroll", () => outline(pick.element), options);
  // The app has loaded another page meanwhile: one goes on pointing there.
  pick.timer = setInterval(() => {
    if (app()?.document !== page || !pick.host.isConnected) beginPicking(answer, false);
  }, LOOK_EVERY);
  if (byKeys) {
    frame.focus();
    outline(page.body.firstElementChild ?? page.body);
  }
  answer({ picking: true });
}

function endPicking() {
  if (!pick) return;
  clearInterval(pick.timer);
  pick.stop.abort();
  pick.host.remove();
  pick = null;
}

/** Within a closed root, and of styles that a page's policy does not forbid: set by script. */
function shieldOver(page) {
  const host = page.createElement("vibe-pointer");
  const root = host.attachShadow({ mode: "closed" });
  const over = { position: "fixed", inset: "0", zIndex: "2147483647", cursor: "crosshair" };
  Object.assign(host.style, over, { border: "0", padding: "0", margin: "0", background: "none" });
  Object.assign(host.style, { width: "auto", height: "auto", overflow: "hidden" });
  const box = page.createElement("div");
  Object.assign(box.style, {
    position: "fixed",
    boxSizing: "border-box",
    border: `2px solid ${ACCENT}`,
    borderRadius: "3px",
    boxShadow: "0 0 0 1px #fff",
    background: "rgb(47 111 235 / 10%)",
    pointerEvents: "none",
  });
  const name = page.createElement("div");
  Object.assign(name.style, {
    position: "fixed",
    maxWidth: "calc(100% - 8px)",
    padding: "1px 6px",
    borderRadius: "3px",
    background: ACCENT,
    color: "#fff",
    font: "12px/18px ui-monospace, monospace",
    whiteSpace: "nowrap",
    overflow: "hidden",
    textOverflow: "ellipsis",
    pointerEvents: "none",
  });
  box.hidden = true;
  name.hidden = true;
  root.append(box, name);
  host.popover = "manual";
  page.documentElement.append(host);
  try {
    host.showPopover(); // above what the app itself has put on top
  } catch {
    // It is on top all the same, but for such things.
  }
  return { host, box, name };
}

function outline(element) {
  pick.element = element;
  const isOne = element?.isConnected === true;
  pick.box.hidden = !isOne;
  pick.name.hidden = !isOne;
  pick.box.style.display = pick.name.style.display = isOne ? "block" : "none";
  if (!isOne) return;
  const { left, top, bottom, width, height } = element.getBoundingClientRect();
  const px = (value) => `${Math.round(value)}px`;
  const at = { left: px(left), top: px(top), width: px(width), height: px(height) };
  Object.assign(pick.box.style, at);
  const id = element.id ? `#${element.id}` : "";
  pick.name.textContent = `${element.localName}${id} ${Math.round(width)} × ${Math.round(height)}`;
  const above = top > 24 ? top - 22 : Math.min(bottom + 2, pick.frame.innerHeight - 22);
  Object.assign(pick.name.style, { left: px(Math.max(2, left)), top: px(Math.max(2, above)) });
}

function under({ clientX, clientY }) {
  pick.host.style.pointerEvents = "none";
  const found = pick.page.elementFromPoint(clientX, clientY);
  pick.host.style.pointerEvents = "auto";
  return found === pick.host ? null : found;
}

function swallow(event) {
  // A touch goes on to become a click, or a scroll.
  if (!event.type.startsWith("touch")) event.preventDefault();
  event.stopImmediatePropagation();
}

function pointed(event) {
  const found = under(event);
  if (found !== pick.element) outline(found);
}

function clicked(event) {
  swallow(event);
  choose(under(event));
}

function pressed(event) {
  const { key } = event;
  if (key === "Escape") {
    swallow(event);
    const { answer } = pick;
    endPicking();
    answer({ picking: false });
  } else if (key === "Enter" && pick.element) {
    swallow(event);
    choose(pick.element);
  } else if (Object.hasOwn(WAYS, key)) {
    swallow(event);
    const next = pick.element ? WAYS[key](pick.element) : pick.page.body;
    if (!next || next === pick.host) return;
    next.scrollIntoView({ block: "nearest", behavior: "instant" });
    outline(next);
  }
}

async function choose(element) {
  if (!element) return;
  const { frame, answer } = pick;
  endPicking();
  answer({ picking: false });
  const facts = factsOf(frame, element);
  answer({ picked: { ...facts, hints: await hintsOf(frame, element) }, view: viewOf(frame) });
}

addEventListener("message", ({ source, origin, data }) => {
  if (source !== parent) return;
  if (data.ask === "pick") beginPicking((words) => tell(origin, words), data.byKeys === true);
  if (data.ask === "unpick") endPicking();
  if (data.ask === "view") tell(origin, { view: app() ? viewOf(app()) : null });
});
