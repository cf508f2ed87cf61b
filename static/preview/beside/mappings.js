// A part of the page beside the app's frame: from a place in a script as it was served to the place in
// the file that somebody wrote, by its source map (ECMA-426).

const LARGEST_SCRIPT = 12_000_000;
const FETCH_WITHIN = 4000;
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const MAP_NAMED = /\/\/[#@] sourceMappingURL=(\S+)\s*$/;

/** `{file, line, column}` as written; the place itself where no map tells. */
async function written(_, place) {
  if (!/^https?:/.test(place.file) || new URL(place.file).host !== location.host) return place;
  try {
    const script = await textAt(place.file);
    const named = MAP_NAMED.exec(script.slice(-LARGEST_SCRIPT));
    if (!named) return place;
    const address = new URL(named[1], place.file);
    const map = JSON.parse(
      address.protocol === "data:" ? inlined(address.href) : await textAt(address.href),
    );
    return placeBy(map, place) ?? place;
  } catch {
    return place;
  }
}

async function textAt(address) {
  const answer = await fetch(address, { signal: AbortSignal.timeout(FETCH_WITHIN) });
  const text = await answer.text();
  return text.length > LARGEST_SCRIPT ? "" : text;
}

function inlined(address) {
  const [head, body] = address.split(/,(.*)/s);
  if (!head.endsWith(";base64")) return decodeURIComponent(body);
  return new TextDecoder().decode(Uint8Array.from(atob(body), (letter) => letter.charCodeAt(0)));
}

function placeBy(map, { file, line, column }) {
  let [row, from] = [line - 1, column - 1];
  let one = map;
  if (Array.isArray(map.sections)) {
    const isBefore = ({ offset }) =>
      offset.line < row || (offset.line === row && offset.column <= from);
    const section = map.sections.findLast(isBefore);
    if (!section) return null;
    if (section.offset.line === row) from -= section.offset.column;
    row -= section.offset.line;
    one = section.map;
  }
  const found = segmentAt(String(one.mappings), row, from);
  if (!found) return null;
  const source = `${one.sourceRoot ?? ""}${one.sources[found.source]}`;
  const isWhole = /^(?:\/|[a-z-]+:)/i.test(source);
  return {
    file: isWhole ? source : new URL(source, file).pathname,
    line: found.line + 1,
    column: found.column + 1,
  };
}

/** The last mapping of a line that begins at or before the column. */
function segmentAt(mappings, row, column) {
  const state = [0, 0, 0, 0];
  let found = null;
  const lines = mappings.split(";", row + 1);
  for (const [number, segments] of lines.entries()) {
    state[0] = 0;
    for (const segment of segments ? segments.split(",") : []) {
      const numbers = decoded(segment);
      for (let at = 0; at < Math.min(4, numbers.length); at += 1) state[at] += numbers[at];
      if (number === row && numbers.length >= 4 && state[0] <= column)
        found = { source: state[1], line: state[2], column: state[3] };
    }
  }
  return found;
}

function decoded(segment) {
  const numbers = [];
  let [value, shift] = [0, 0];
  for (const letter of segment) {
    const digit = DIGITS.indexOf(letter);
    value += (digit & 31) << shift;
    if (digit & 32) shift += 5;
    else {
      numbers.push(value & 1 ? -(value >> 1) : value >> 1);
      [value, shift] = [0, 0];
    }
  }
  return numbers;
}
