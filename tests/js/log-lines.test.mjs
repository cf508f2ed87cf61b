// Bytes as they come, to lines as one reads them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Lines, plainText, segments } from "../../static/js/log-lines.js";

const bytes = (text) => new TextEncoder().encode(text);
const read = (...pieces) => {
  const lines = new Lines();
  for (const piece of pieces) lines.push(1, bytes(piece));
  return lines;
};
const texts = (lines) => lines.list.map(plainText);

test("a line may come in pieces, and so may a letter", () => {
  const lines = new Lines();
  const whole = bytes("grün\nblau\n");
  for (const byte of whole) lines.push(1, Uint8Array.of(byte));
  assert.deepEqual(texts(lines), ["grün", "blau"]);
});

test("push tells the first line that changed, also when it only grew", () => {
  const lines = read("one\ntw");
  assert.equal(lines.push(1, bytes("o\nthree")), 1);
  assert.deepEqual(texts(lines), ["one", "two", "three"]);
});

test("two streams keep a line of their own open", () => {
  const lines = new Lines();
  lines.push(1, bytes("out"));
  lines.push(2, bytes("err"));
  lines.push(1, bytes("put\n"));
  assert.deepEqual(texts(lines), ["output", "err"]);
  assert.deepEqual(
    lines.list.map((line) => line.stream),
    [1, 2],
  );
});

test("a carriage return writes over the start of its line", () => {
  assert.deepEqual(texts(read("10 %\r55 %\r100 %\n")), ["100 %"]);
  assert.deepEqual(texts(read("abcdef\rxy\n")), ["xycdef"]);
  assert.deepEqual(texts(read("windows\r\n")), ["windows"]);
});

test("colours make pieces, and stay on over the end of a line", () => {
  const [first, second] = read("\x1b[31mred\nstill\x1b[0m plain\n").list;
  assert.deepEqual(segments(first), [{ text: "red", style: { front: "red" } }]);
  assert.deepEqual(segments(second), [
    { text: "still", style: { front: "red" } },
    { text: " plain", style: {} },
  ]);
});

test("bright, indexed and true colours are told apart", () => {
  const style = (codes) => segments(read(`\x1b[${codes}mx\n`).list[0])[0].style;
  assert.deepEqual(style("1;92"), { bold: true, front: "bright-green" });
  assert.deepEqual(style("48;5;196"), { back: "rgb(255 0 0)" });
  assert.deepEqual(style("38;2;1;2;300"), { front: "rgb(1 2 255)" });
});

test("what only moves the cursor or names the window is not text", () => {
  assert.deepEqual(texts(read("\x1b]0;title\x07a\x1b[2Kb\x1b[1;1Hc\n")), ["abc"]);
});

test("a line that never ends is cut", () => {
  const lines = read("x".repeat(30_000), "y".repeat(10));
  assert.equal(lines.list[0].text.length, 20_000);
});

test("beginning within a line leaves that line out, whatever pieces it comes in", () => {
  const lines = new Lines({ skipFirst: true });
  lines.push(1, bytes("rest of"));
  lines.push(1, bytes(" it\nwhole\n"));
  assert.deepEqual(texts(lines), ["whole"]);
});

test("numbers jump where output was left out, and lead back to their lines", () => {
  const lines = read("one\ntwo\n");
  lines.note("… 1 MB left out …", 1000);
  lines.push(1, bytes("thousand\nnext\n"));
  assert.equal(lines.number(3), 1000);
  assert.equal(lines.index(1001), 4);
  assert.equal(lines.index(500), 2);
});

test("the lines that stay keep their numbers when the first are dropped", () => {
  const lines = read("1\n2\n3\n4\n");
  lines.drop(2);
  assert.deepEqual(texts(lines), ["3", "4"]);
  assert.equal(lines.number(0), 3);
  assert.equal(lines.index(4), 1);
});
