// What an app wants to use that a browser gives to a frame only if who has the frame says so: the
// person is asked, once, and the answer holds for the conversation.

import { keep } from "./preview-kept.js";

const WORDS = {
  autoplay: "play sound by itself",
  camera: "use the camera",
  "clipboard-read": "read the clipboard",
  "display-capture": "see the screen",
  geolocation: "know where you are",
  microphone: "use the microphone",
  midi: "use MIDI devices",
  "orientation-lock": "turn the screen and keep it so",
  "pointer-lock": "hold the mouse pointer",
};
// These are loosened in the frame's sandbox, the others by its list of features.
const OF_SANDBOX = ["pointer-lock", "orientation-lock"];
const $ = (id) => document.getElementById(id);
const allowed = () => ($("preview-bar").dataset.features ?? "").split(" ").filter(Boolean);
let asking = "";
let asked = new Set();

/** `reload()`: what makes an answer hold. */
export function startAsk(reload) {
  document.addEventListener("click", (event) => {
    const answer = event.target.closest("#preview-ask [data-answer]")?.dataset.answer;
    if (!answer) return;
    $("preview-ask").hidden = true;
    if (answer !== "allow" || !asking) return;
    const features = [...allowed(), asking];
    $("preview-bar").dataset.features = features.join(" ");
    keep({ features });
    asking = "";
    reload();
  });
}

/** The app has tried to use a feature that it may not have. */
export function askFor(feature) {
  if (!Object.hasOwn(WORDS, feature) || allowed().includes(feature) || asked.has(feature)) return;
  asked.add(feature);
  asking = feature;
  $("preview-ask").querySelector("span").textContent = `The app wants to ${WORDS[feature]}.`;
  $("preview-ask").hidden = false;
}

/** Another page is shown; `all`: of another app, which may ask again. */
export function forgetAsked(all) {
  if (all) asked = new Set();
  $("preview-ask").hidden = true;
}

/** Give a fresh frame what the person has allowed. */
export function grantTo(frame) {
  for (const feature of allowed()) {
    if (OF_SANDBOX.includes(feature)) frame.sandbox.add(`allow-${feature}`);
    else if (Object.hasOwn(WORDS, feature)) frame.allow += `; ${feature}`;
  }
}
