// How the preview is looked at: the size of a device, turned, zoomed, on the whole screen.

import { copyText } from "./copy.js";
import { keep, keepNow } from "./preview-kept.js";

const DEVICES = { phone: [390, 844], tablet: [820, 1180] };
// What a device's frame needs around itself.
const AROUND = 34;
const $ = (id) => document.getElementById(id);
let sizes = null;

/** `reload()`: what makes a change to what the page is told hold. */
export function startLook(reload) {
  document.addEventListener("change", async ({ target }) => {
    const frame = $("preview-frame");
    if (target.name === "preview-size") {
      frame.dataset.size = target.value;
      $("preview-look").querySelector("[name=preview-turned]").disabled = target.value === "full";
      keep({ size: target.value });
    } else if (target.name === "preview-turned") {
      frame.toggleAttribute("data-turned", target.checked);
      keep({ turned: target.checked });
    } else if (target.name === "preview-zoom") {
      frame.dataset.zoom = target.value;
      keep({ zoom: target.value });
    } else if (target.name === "preview-console") {
      await keepNow({ console: target.checked });
      reload();
    } else return;
    fit();
  });
  document.addEventListener("click", ({ target }) => {
    if (target.closest("#preview-whole")) {
      target.closest("details").open = false;
      $("preview-stage").requestFullscreen?.();
    }
    const copy = target.closest("#preview-copy");
    if (copy) copyText($("preview-open").href, copy);
  });
}

/** Have the frame's zoom follow its room; once for every frame, which may be another after a while. */
export function watchSize() {
  sizes?.disconnect();
  sizes = new ResizeObserver(fit);
  sizes.observe($("preview-frame"));
  fit();
}

function fit() {
  const frame = $("preview-frame");
  const { size, zoom } = frame.dataset;
  let scale = Number(zoom) / 100;
  if (Number.isNaN(scale)) {
    const device = DEVICES[size] ?? [0, 0];
    const [wide, high] = frame.hasAttribute("data-turned") ? device.toReversed() : device;
    const room = [(frame.clientWidth - AROUND) / wide, (frame.clientHeight - AROUND) / high];
    scale = size in DEVICES ? Math.max(0.2, Math.min(1, ...room)) : 1;
  }
  frame.style.setProperty("--zoom", String(scale));
}
