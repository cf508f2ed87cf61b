// Pointing at an element of the app: the button, what comes of it, and where that goes.

import { startDraw } from "./draw.js";
import { answerTo, request } from "./http.js";
import { notify } from "./notices.js";
import { addPicked, MOST_PICKED, startPickedChips } from "./picked-chip.js";
import { elementOf, nameOf, viewOf } from "./picked-facts.js";
import { hidePicked, showPicked, startPicked } from "./picked-panel.js";
import { askBeside, hearPointing } from "./preview-beside.js";

const NOT_FOUND = "The app’s page cannot be pointed at: it shows another site, or nothing yet.";
const $ = (id) => document.getElementById(id);
let picking = false;
// Whether somebody has asked to point: of itself a page picks nothing.
let wanted = false;
let seen = null;
// Whether the platform has a browser for pictures, as far as is known.
let pictures = true;

/** `shown()`: `{sandbox, port}` of what the preview shows. */
export function startPick(shown) {
  startPicked();
  startPickedChips();
  startDraw(shown, view);
  hearPointing((data) => {
    if (Object.hasOwn(data, "view")) seen?.(viewOf(data.view));
    if (typeof data.picking === "boolean") {
      if (!data.picking && picking === "asked") notify(NOT_FOUND);
      mark(data.picking);
    }
    const element = wanted ? elementOf(data.picked) : null;
    if (!element) return;
    wanted = false;
    take(element, shown());
  });
  document.addEventListener("click", ({ target, detail }) => {
    if (!target.closest("#preview-pick")) return;
    if (picking) return stop();
    hidePicked();
    // Of a click by keys: the keys are to go on in the app.
    wanted = askBeside({ ask: "pick", byKeys: detail === 0 });
    if (wanted) picking = "asked";
  });
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape" || !picking) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      stop();
    },
    true,
  );
}

function mark(on) {
  picking = on;
  $("preview-pick").setAttribute("aria-pressed", String(on));
}

function stop() {
  askBeside({ ask: "unpick" });
  wanted = false;
  mark(false);
}

/** How the app is looked at now: `{path, width, height, scroll_x, scroll_y}`. */
function view() {
  return new Promise((resolve) => {
    seen = resolve;
    setTimeout(resolve, 1000, null);
    if (!askBeside({ ask: "view" })) resolve(null);
  });
}

async function take(element, { sandbox, port }) {
  const chip = addPicked(nameOf(element));
  if (!chip) return notify(`A message may have ${MOST_PICKED} elements. Send it first.`);
  try {
    const data = element;
    const source = await request("POST", `/api/v1/sandboxes/${sandbox}/elements/source`, { data });
    const name = source.path.split("/").at(-1);
    chip.ready(source.path ? `${name}:${source.line}` : "", source.words);
    showPicked({ element, source, sandbox });
    crop(element, sandbox, port);
  } catch (error) {
    chip.failed();
    notify(`The element was not picked. ${error.message}`);
  }
}

/** Its picture too, where the platform has a browser that finds the same; no word where it has none. */
async function crop({ selector, path }, sandbox, port) {
  if (!pictures) return;
  const looked = await view();
  const data = { ...looked, path, port, selector };
  try {
    const taken = await request("POST", `/api/v1/sandboxes/${sandbox}/pictures`, { data });
    if (!taken.names.includes("crop")) return;
    const answer = await answerTo("GET", `/api/v1/pictures/${taken.id}/crop`);
    const files = [new File([await answer.blob()], "element.jpg", { type: "image/jpeg" })];
    document.dispatchEvent(new CustomEvent("vibe:attach", { detail: { files } }));
  } catch (error) {
    // Its words are in the message already.
    pictures = error.status !== 503;
  }
}
