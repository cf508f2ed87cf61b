// Sizes and times read as the server says them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { clock, duration, size } from "../../static/js/units.js";

for (const [bytes, words] of [
  [812, "812 B"],
  [4100, "4.1 kB"],
  [3_000_000, "3.0 MB"],
]) {
  test(`${bytes} bytes are ${words}`, () => assert.equal(size(bytes), words));
}

for (const [seconds, words] of [
  [null, ""],
  [undefined, ""],
  [0, "0 ms"],
  [0.06, "60 ms"],
  [0.42, "0.4 s"],
  [12.4, "12 s"],
  [180, "3 min"],
  [185, "3 min 05 s"],
  [7200, "2 h"],
  [7800, "2 h 10 min"],
]) {
  test(`${seconds} seconds are ${words || "nothing"}`, () =>
    assert.equal(duration(seconds), words));
}

test("a clock shows hours only when there are any", () => {
  assert.equal(clock(245.9), "4:05");
  assert.equal(clock(3845), "1:04:05");
});
