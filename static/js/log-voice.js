// New lines for those who hear a page: a few a second, and only while one follows the log.

import { element } from "./elements.js";
import { plainText } from "./log-lines.js";

const PAUSE_MS = 1000;
const MOST = 3;

/** `element` is read out; what is painted anew while one scrolls is not. */
export class Voice {
  constructor() {
    this.element = element("div", "visually-hidden");
    this.element.setAttribute("aria-live", "polite");
  }

  reset() {
    clearTimeout(this.timer);
    this.timer = 0;
    this.heard = -1;
  }

  /** What has come since the last time is said; what was there at first is not. */
  follow(lines) {
    this.timer ||= setTimeout(() => {
      this.timer = 0;
      const last = lines.number(lines.count - 1);
      if (this.heard >= 0 && last > this.heard)
        this.say(
          lines.list
            .slice(-Math.min(MOST, last - this.heard))
            .map(plainText)
            .join("\n"),
        );
      this.heard = last;
    }, PAUSE_MS);
  }

  say(text) {
    if (this.heard >= 0) this.tell(text);
  }

  /** The answer to what one has done, which is told in any case. */
  tell(text) {
    this.element.textContent = text;
  }
}
