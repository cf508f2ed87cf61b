// Where each line lies, for a view of which only a part exists.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Layout, ROW } from "../../static/js/log-layout.js";
import { Lines } from "../../static/js/log-lines.js";

function laid({ columns = 0, stream = 0 }, ...pieces) {
  const lines = new Lines();
  for (const [number, text] of pieces) lines.push(number, new TextEncoder().encode(text));
  const layout = new Layout();
  Object.assign(layout, { columns, stream });
  layout.update(lines, 0);
  return { layout, lines };
}

test("unwrapped, every line is one row high", () => {
  const { layout } = laid({}, [1, "a\nb\nc\n"]);
  assert.equal(layout.height, 3 * ROW);
  assert.equal(layout.top(2), 2 * ROW);
  assert.equal(layout.at(ROW * 1.5), 1);
});

test("a height beyond either end is the row at that end", () => {
  const { layout } = laid({}, [1, "a\nb\n"]);
  assert.equal(layout.at(-5), 0);
  assert.equal(layout.at(10_000), 1);
});

test("wrapped, a line is as high as its text needs", () => {
  const { layout } = laid({ columns: 10 }, [1, `${"x".repeat(25)}\n\nshort\n`]);
  assert.equal(layout.height, 5 * ROW);
  assert.equal(layout.at(2 * ROW), 0);
  assert.equal(layout.at(3 * ROW), 1);
  assert.equal(layout.top(2), 4 * ROW);
});

test("colours take no room", () => {
  const { layout } = laid({ columns: 10 }, [1, `\x1b[38;5;196m${"x".repeat(10)}\x1b[0m\n`]);
  assert.equal(layout.height, ROW);
});

test("a line that grew is laid anew with all after it", () => {
  const { layout, lines } = laid({ columns: 10 }, [1, "12345"]);
  const from = lines.push(1, new TextEncoder().encode("67890abc\nnext\n"));
  layout.update(lines, from);
  assert.equal(layout.top(1), 2 * ROW);
  assert.equal(layout.height, 3 * ROW);
});

test("what the browser measures moves all rows below", () => {
  const { layout } = laid({ columns: 10 }, [1, "wide\nnext\n"]);
  assert.equal(layout.measured(0, 3 * ROW), true);
  assert.equal(layout.measured(0, 3 * ROW), false);
  assert.equal(layout.top(1), 3 * ROW);
});

test("a filter shows one stream, with notes, and knows which line each row is", () => {
  const { layout } = laid({ stream: 2 }, [1, "out\n"], [2, "err\n"], [1, "out\n"], [2, "err\n"]);
  assert.equal(layout.count, 2);
  assert.equal(layout.line(1), 3);
  assert.equal(layout.row(2), 1);
});

test("filtered and wrapped, lines that come later are laid after the others", () => {
  const { layout, lines } = laid({ stream: 2, columns: 4 }, [2, "12345678\n"], [1, "out\n"]);
  const from = lines.push(2, new TextEncoder().encode("1234\n"));
  layout.update(lines, from);
  assert.equal(layout.count, 2);
  assert.equal(layout.top(1), 2 * ROW);
  assert.equal(layout.height, 3 * ROW);
});
