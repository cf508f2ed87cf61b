// Places in files that a line of a log names: `src/app.py:12`, `File "app.py", line 12`.

const HOME = "/vercel/sandbox/";
const PLACES =
  /File "(?<quoted>[^"\n]{1,300})", line (?<at>\d{1,7})|(?<![\w./@:-])(?<plain>(?:\.{0,2}\/)?(?:[\w@.+-]+\/){0,20}[\w@+-][\w@.+-]{0,80}\.[A-Za-z][A-Za-z0-9]{0,9})(?::(?<line>\d{1,7})(?::\d{1,7})?|\((?<row>\d{1,7}),\d{1,7}\))(?![\w.])/g;
// A line of minified code is not looked through.
const LONGEST = 2000;

/** `{begin, end, path, line}` of each place in a text that can be a file of the sandbox. */
export function placesIn(text) {
  if (text.length > LONGEST) return [];
  const found = [];
  for (const match of text.matchAll(PLACES)) {
    const { quoted, plain, at, line, row } = match.groups;
    const path = inSandbox(quoted ?? plain);
    if (path)
      found.push({
        begin: match.index,
        end: match.index + match[0].length,
        path,
        line: Number(at ?? line ?? row),
      });
  }
  return found;
}

/** A path as the files are listed; "" for one that is elsewhere. */
function inSandbox(path) {
  const inside = path.startsWith(HOME) ? path.slice(HOME.length) : path;
  const plain = inside.replace(/^(?:\.\/)+/, "");
  return /^[/<]|^\.\.(?:\/|$)/.test(plain) ? "" : plain;
}
