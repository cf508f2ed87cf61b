// Which lines of a log show and where each lies, in pixels, for a view of which only a part exists.

import { plainText } from "./log-lines.js";

export const ROW = 18;

/** Rows are the lines that the filter lets through; wrapped, one may be several ROWs high. */
export class Layout {
  constructor() {
    this.stream = 0;
    this.columns = 0;
    this.reset();
  }

  reset() {
    this.shown = null;
    this.seen = 0;
    this.tops = [0];
  }

  /** Take in the lines from index `changed` on, which are new or longer than before. */
  update(lines, changed) {
    if (this.stream) this.filter(lines, changed);
    this.seen = lines.count;
    if (!this.columns) return;
    let row = this.shown
      ? lowerBound(this.shown, changed)
      : Math.min(changed, this.tops.length - 1);
    row = Math.max(0, Math.min(row, this.tops.length - 1));
    this.tops.length = row + 1;
    for (; row < this.count; row += 1)
      this.tops.push(this.tops[row] + height(lines.list[this.line(row)], this.columns));
  }

  filter(lines, changed) {
    this.shown ??= [];
    this.shown.length = lowerBound(this.shown, changed);
    for (let at = changed; at < lines.count; at += 1) {
      const { stream } = lines.list[at];
      if (!stream || stream === this.stream) this.shown.push(at);
    }
  }

  get count() {
    return this.shown ? this.shown.length : this.seen;
  }
  get height() {
    return (this.columns ? (this.tops[this.count] ?? 0) : this.count) * ROW;
  }

  line(row) {
    return this.shown ? this.shown[row] : row;
  }
  row(line) {
    return this.shown ? lowerBound(this.shown, line) : line;
  }
  top(row) {
    return (this.columns ? this.tops[Math.min(row, this.count)] : row) * ROW;
  }

  /** The row at a height in pixels. */
  at(pixels) {
    const unit = Math.floor(pixels / ROW);
    if (!this.columns) return Math.max(0, Math.min(unit, this.count - 1));
    let low = 0;
    let high = Math.max(0, this.count - 1);
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.tops[middle] <= unit) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The browser says how high a row is; wide characters and tabs are not what was reckoned. */
  measured(row, pixels) {
    if (!this.columns) return false;
    const off = Math.max(1, Math.round(pixels / ROW)) - (this.tops[row + 1] - this.tops[row]);
    if (!off) return false;
    for (let at = row + 1; at < this.tops.length; at += 1) this.tops[at] += off;
    return true;
  }
}

const height = (line, columns) => Math.max(1, Math.ceil(plainText(line).length / columns));

function lowerBound(sorted, value) {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Characters that fit a row of the box. */
export function columns(box, rows) {
  const probe = document.createElement("span");
  probe.className = "log-probe";
  probe.textContent = "0".repeat(100);
  rows.append(probe);
  const wide = probe.getBoundingClientRect().width / 100;
  probe.remove();
  const style = getComputedStyle(rows.querySelector(".log-line") ?? rows);
  const padding = parseFloat(style.paddingLeft) + parseFloat(style.paddingRight);
  return Math.max(10, Math.floor((box.clientWidth - padding) / (wide || 7.2)));
}
