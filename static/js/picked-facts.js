// An element of the app as its page tells it: anybody may have written that page, so all of it is only
// ever text and numbers of a bounded length and number, and goes nowhere but into requests and labels.

const text = (value, most) => (typeof value === "string" ? value.slice(0, most) : "");
const number = (value, least, most) =>
  Number.isSafeInteger(value) ? Math.min(most, Math.max(least, value)) : least;
const TAG = /^[A-Za-z][\w.:-]{0,59}$/;
const clean = (value, most) => text(value, most).replaceAll("\0", "").toWellFormed();

function pairs(value, most, longest) {
  if (typeof value !== "object" || !value) return {};
  const found = Object.entries(value).slice(0, most);
  return Object.fromEntries(found.map(([name, one]) => [clean(name, 60), clean(one, longest)]));
}

function list(value, most, read) {
  return Array.isArray(value) ? value.slice(0, most).map(read).filter(Boolean) : [];
}

function ancestorOf(one) {
  if (!TAG.test(one?.tag)) return null;
  return { tag: one.tag, id: clean(one.id, 400), classes: clean(one.classes, 400) };
}

function hintOf(one) {
  const file = clean(one?.file, 500);
  if (!file) return null;
  return { file, line: number(one.line, 0, 1e6), column: number(one.column, 0, 1e6) };
}

/** As the API takes it; null for what is none. */
export function elementOf(said) {
  if (typeof said !== "object" || !said || !TAG.test(said.tag)) return null;
  return {
    tag: said.tag,
    path: clean(said.path, 2000) || "/",
    attributes: pairs(said.attributes, 24, 400),
    text: clean(said.text, 1000),
    only_text: said.only_text === true,
    nth: number(said.nth, 1, 1e5),
    rank: number(said.rank, 0, 1e5),
    alike: number(said.alike, 1, 1e5),
    chain: list(said.chain, 6, ancestorOf),
    hints: list(said.hints, 6, hintOf),
    selector: clean(said.selector, 1000),
    style: pairs(said.style, 20, 400),
    size: clean(said.size, 100),
  };
}

/** How the app is looked at, as the API takes it for a picture; null where nothing is said. */
export function viewOf(said) {
  if (typeof said !== "object" || !said) return null;
  return {
    path: clean(said.path, 2000) || "/",
    width: number(Math.round(said.width), 200, 2000),
    height: number(Math.round(said.height), 200, 2000),
    scroll_x: number(Math.round(said.scroll_x), 0, 1e5),
    scroll_y: number(Math.round(said.scroll_y), 0, 1e5),
  };
}

/** A short name for people: `button#save “Save changes”`. */
export function nameOf({ tag, attributes, text: shown }) {
  const id = attributes.id ? `#${attributes.id.slice(0, 30)}` : "";
  const words = shown.length > 24 ? `${shown.slice(0, 23)}…` : shown;
  return `${tag}${id}${words ? ` “${words}”` : ""}`;
}
