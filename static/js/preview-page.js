// The page in the preview's frame, as far as it tells of itself: the script that the proxy puts into
// it speaks to this one alone, and this one hears that frame and that origin alone. Whatever else
// runs in the page can say the same, so all of it is only ever text of bounded length and number.

const LONGEST = 4000;
const KINDS = new Set([
  "error",
  "warning",
  "log",
  "exception",
  "rejection",
  "request",
  "resource",
  "csp",
]);
// What a message may bring, and what a page may send in a while.
const MOST_ENTRIES = 100;
const MOST = 300;
const WHILE = 10_000;

let frame = null;
let origin = "";
let hears = {};
let heard = 0;
let since = 0;

const text = (value) => (typeof value === "string" ? value.slice(0, LONGEST) : "");
const number = (value) => (Number.isSafeInteger(value) && value >= 0 ? value : 0);

function entryOf(said) {
  if (typeof said !== "object" || !said || !KINDS.has(said.kind)) return null;
  const { kind, message, source, line, column, stack, url, method, status } = said;
  return {
    kind,
    message: text(message),
    source: text(source),
    line: number(line),
    column: number(column),
    stack: text(stack),
    url: text(url),
    method: text(method).slice(0, 20),
    status: number(status),
    at: Date.now(),
  };
}

/** How much more may be heard at the moment. */
function room() {
  const now = performance.now();
  if (now - since > WHILE) [heard, since] = [0, now];
  return MOST - heard;
}

/** `heard`: `began()`, `entries(list)`, `path(path, title)`, `blank(isBlank)`, `feature(name)`. */
export function startPage(listeners) {
  hears = listeners;
  addEventListener("message", ({ source, origin: from, data }) => {
    if (!frame || source !== frame.contentWindow || from !== origin) return;
    if (typeof data !== "object" || data?.from !== "preview" || room() <= 0) return;
    heard += 1;
    if (data.ready === true) {
      source.postMessage({ to: "preview" }, origin);
      hears.began();
    }
    if (Array.isArray(data.entries)) {
      const taken = data.entries.slice(0, Math.min(MOST_ENTRIES, room())).map(entryOf);
      heard += taken.length;
      hears.entries(taken.filter(Boolean), number(data.left) + data.entries.length - taken.length);
    }
    const path = text(data.path).slice(0, 2000);
    if (path.startsWith("/")) hears.path(path, text(data.title).slice(0, 60));
    if (typeof data.blank === "boolean") hears.blank(data.blank);
    if (typeof data.feature === "string") hears.feature(data.feature);
  });
}

/** Hear this frame, which shows this origin, and no other; `null`: none. */
export function hearPage(shown, its) {
  frame = shown;
  origin = its;
}
