// Places in files that lines of logs name.

import assert from "node:assert/strict";
import { test } from "node:test";
import { placesIn } from "../../static/js/log-places.js";

const places = (text) => placesIn(text).map(({ path, line }) => [path, line]);

test("a path with a line is a place, however a tool writes it", () => {
  assert.deepEqual(places('  File "/vercel/sandbox/app.py", line 12, in <module>'), [
    ["app.py", 12],
  ]);
  assert.deepEqual(places("./src/main.ts:3:14 - error"), [["src/main.ts", 3]]);
  assert.deepEqual(places("src/main.ts(7,2): error"), [["src/main.ts", 7]]);
  assert.deepEqual(places("at run (/vercel/sandbox/lib/a.js:5:9)"), [["lib/a.js", 5]]);
});

test("what is no file of the sandbox is no place", () => {
  for (const text of [
    "http://localhost:3000/",
    "127.0.0.1:8000",
    'File "/usr/lib/python3.11/ast.py", line 50',
    'File "<string>", line 1',
    "../outside.py:3",
    "at 12:30:45",
  ])
    assert.deepEqual(places(text), [], text);
});

test("a place is told with where it stands in the line", () => {
  const text = "see app.py:4 now";
  const [{ begin, end }] = placesIn(text);
  assert.equal(text.slice(begin, end), "app.py:4");
});
