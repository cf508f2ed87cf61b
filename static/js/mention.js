// "@" completes paths of the workspace: a list at the message that keys and screen readers can use.

import { element } from "./elements.js";
import { request } from "./http.js";

const SHOWN = 12;
const PAUSE = 120; // ms
const ASKED = /(?:^|[\s(])@([^\s@]{0,200})$/;

export function startMention() {
  const text = document.getElementById("message");
  const box = element("ul", "mentions");
  box.id = "mentions";
  box.setAttribute("role", "listbox");
  box.setAttribute("aria-label", "Files of the workspace");
  box.hidden = true;
  document.getElementById("composer").append(box);
  let timer = 0;
  let number = 0;

  text.addEventListener("input", (event) => {
    clearTimeout(timer);
    const wanted = event.isComposing ? null : asked();
    const sandbox = document.getElementById("code-panel")?.dataset.sandbox;
    if (wanted === null || !sandbox) return close();
    timer = setTimeout(() => look(sandbox, wanted), PAUSE);
  });
  text.addEventListener("blur", close);
  box.addEventListener("mousedown", (event) => {
    event.preventDefault(); // the message keeps the cursor
    const option = event.target.closest("[role=option]");
    if (option) take(option);
  });
  // Before the composer, to which Enter means to send and Escape to stop.
  text.addEventListener(
    "keydown",
    (event) => {
      if (box.hidden || event.isComposing) return;
      if (event.key === "ArrowDown") choose(1);
      else if (event.key === "ArrowUp") choose(-1);
      else if (event.key === "Enter" || event.key === "Tab") take(chosen());
      else if (event.key === "Escape") close();
      else return;
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    true,
  );

  function asked() {
    if (text.selectionStart !== text.selectionEnd) return null;
    return ASKED.exec(text.value.slice(0, text.selectionStart))?.[1] ?? null;
  }

  async function look(sandbox, wanted) {
    number += 1;
    const mine = number;
    const files = `/api/v1/sandboxes/${sandbox}/files`;
    const address = wanted
      ? `${files}/search?where=names&limit=50&text=${encodeURIComponent(nameIn(wanted))}`
      : `${files}?limit=200`;
    const found = await request("GET", address).catch(() => null);
    if (mine !== number || asked() !== wanted) return; // one has typed on
    const paths = (found?.items ?? []).filter((one) => !isFolder(one)).map((one) => one.path);
    const fitting = paths.filter((path) => path.toLowerCase().includes(wanted.toLowerCase()));
    show(fitting.slice(0, SHOWN));
  }

  function show(paths) {
    if (!paths.length) return close();
    box.replaceChildren(
      ...paths.map((path, place) => {
        const option = element("li", "mono clip", path);
        option.id = `mention-${place}`;
        option.setAttribute("role", "option");
        return option;
      }),
    );
    box.hidden = false;
    text.setAttribute("role", "combobox");
    text.setAttribute("aria-expanded", "true");
    text.setAttribute("aria-controls", box.id);
    text.setAttribute("aria-autocomplete", "list");
    mark(box.firstChild);
  }

  function close() {
    clearTimeout(timer);
    number += 1;
    if (box.hidden) return;
    box.hidden = true;
    for (const name of ["role", "aria-expanded", "aria-controls", "aria-autocomplete"])
      text.removeAttribute(name);
    text.removeAttribute("aria-activedescendant");
  }

  const chosen = () => box.querySelector("[aria-selected=true]");

  function choose(step) {
    const all = [...box.children];
    mark(all[(all.indexOf(chosen()) + step + all.length) % all.length]);
  }

  function mark(option) {
    for (const one of box.children) one.setAttribute("aria-selected", one === option);
    text.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  function take(option) {
    const path = option.textContent;
    const end = text.selectionStart;
    const start = end - asked().length - 1;
    text.setRangeText(`${/\s/.test(path) ? `"${path}"` : path} `, start, end, "end");
    close();
    text.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

// What is looked for by name says its kind as its text.
const isFolder = (one) => (one.kind ?? one.text) === "dir";
// Names are looked for; the folders before them are compared here.
const nameIn = (wanted) => wanted.slice(wanted.lastIndexOf("/") + 1) || wanted.replace(/\/$/, "");
