// The frame of the app: one at a time, of an origin of its own, heard while it is there.

import { addToConsole, beginConsole } from "./console-panel.js";
import { askFor, forgetAsked, grantTo } from "./preview-ask.js";
import { besideOf } from "./preview-beside.js";
import { watchSize } from "./preview-look.js";
import { hearPage, startPage } from "./preview-page.js";
import { arrived, blank, waitFor } from "./preview-words.js";

const $ = (id) => document.getElementById(id);
let shown = null;

/** `goneTo(path)`: what to do when the app has gone elsewhere. */
export function startFrame(goneTo) {
  startPage({
    began() {
      arrived();
      forgetAsked(false);
      blank(false);
      beginConsole($("preview-path").value);
    },
    entries: (list, left) => addToConsole(list, left, shown),
    path: goneTo,
    blank,
    feature: askFor,
  });
}

/** Show a page in a new frame: it has no history, so the page's Back button stays the page's own. */
export function fill({ origin, path, port, name, sandbox }) {
  forgetAsked(shown?.origin !== origin);
  shown = { origin, port, sandbox };
  const fresh = $("preview-frame-template").content.firstElementChild.cloneNode(false);
  grantTo(fresh);
  $("preview-working").hidden = false;
  fresh.addEventListener("load", () => {
    // Empty before it has come: then nothing has loaded.
    if (!fresh.isConnected) return;
    $("preview-working").hidden = true;
    arrived();
  });
  fresh.src = origin + path;
  const box = document.createElement("div");
  box.append(fresh);
  hearPage(fresh, origin);
  $("preview-frame").replaceChildren(box);
  $("preview-frame").hidden = false;
  watchSize();
  besideOf(origin);
  waitFor(port, name);
}

/** Show no page any more. */
export function empty() {
  shown = null;
  hearPage(null, "");
  besideOf(null);
  forgetAsked(true);
  $("preview-frame").hidden = true;
  $("preview-frame").replaceChildren();
  $("preview-working").hidden = true;
}
