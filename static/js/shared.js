// A shared conversation: the scrubber moves through its steps without loading the page anew.
// Without this file the links and the form do the same.

import { answerTo } from "./http.js";

const PIECES = ["shared-steps", "shared-thread", "shared-side"];
const PAUSE = 120; // milliseconds: who drags passes many steps

const range = document.getElementById("step");
const words = document.getElementById("step-words");
let waiting = 0;
let asked;

async function show(address) {
  asked?.abort();
  const mine = new AbortController();
  asked = mine;
  const main = document.getElementById("main");
  main.setAttribute("aria-busy", "true");
  let text = "";
  try {
    text = await (await answerTo("GET", address, { signal: mine.signal })).text();
  } catch {
    // What refuses is a page of its own, and tells why.
    if (!mine.signal.aborted) location.assign(address);
    return;
  } finally {
    if (asked === mine) main.removeAttribute("aria-busy");
  }
  const page = new DOMParser().parseFromString(text, "text/html");
  for (const id of PIECES) document.getElementById(id).replaceWith(page.getElementById(id));
  const other = page.getElementById("step");
  range.value = other.getAttribute("value");
  words.textContent = page.getElementById("step-words").textContent;
  document.querySelector(".shared-entry[aria-current]")?.scrollIntoView({ block: "nearest" });
  history.replaceState(null, "", address);
}

range.addEventListener("input", () => {
  words.textContent = `${range.value} of ${range.max}`;
  clearTimeout(waiting);
  waiting = setTimeout(() => show(`?step=${range.value}`), PAUSE);
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-step]");
  if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  show(link.getAttribute("href"));
});

document.getElementById("scrubber").addEventListener("submit", (event) => {
  event.preventDefault();
  show(`?step=${range.value}`);
});
document.documentElement.dataset.scripts = "";
