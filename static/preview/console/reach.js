// A part of what sandboxes/preview/injection puts into pages, all within one function: what is said,
// and how much of it at once. It runs among the page's own scripts, so it trusts nothing there, and
// nobody trusts what it says.

const LONGEST = 4000;
const MOST_WAITING = 100;
const MOST_A_WHILE = 200;
const WHILE = 10000;
const later = setTimeout.bind(window);
const post = parent.postMessage.bind(parent);
const now = Date.now;
let workbench = "";
let waiting = [];
const unsaid = [];
let told = 0;
let toldSince = now();
let left = 0;
let timer = 0;

const cut = (value) => String(value).slice(0, LONGEST);

function tell(words) {
  if (workbench) post(Object.assign({ from: "preview" }, words), workbench);
  else if (unsaid.length < MOST_WAITING) unsaid.push(words);
}

function flush() {
  timer = 0;
  if (!workbench || !waiting.length) return;
  const entries = waiting;
  waiting = [];
  tell({ entries, left });
  left = 0;
}

function add(kind, message, more) {
  if (now() - toldSince > WHILE) {
    told = 0;
    toldSince = now();
  }
  told += 1;
  if (told > MOST_A_WHILE || waiting.length >= MOST_WAITING) {
    left += 1;
    return;
  }
  const entry = { kind, message: cut(message), at: now() };
  for (const key in more) entry[key] = typeof more[key] === "number" ? more[key] : cut(more[key]);
  waiting.push(entry);
  timer = timer || later(flush, 100);
}

// Nothing that looks at the page's things may disturb it, whatever they do when they are looked at.
function quietly(work) {
  try {
    return work();
  } catch {
    return undefined;
  }
}

// The workbench has answered: it may be told now.
function meet(origin) {
  if (workbench) return false;
  workbench = origin;
  unsaid.forEach(tell);
  flush();
  return true;
}
