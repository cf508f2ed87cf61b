// What stands above a log: search, filter, wrap, times.

import { button, element, icon } from "./elements.js";

/** A choice that this browser remembers. */
export function kept(name, value) {
  try {
    if (value === undefined) return localStorage.getItem(`vibe:log:${name}`) === "1";
    localStorage.setItem(`vibe:log:${name}`, value ? "1" : "0");
  } catch {
    /* Nothing is remembered in a private window. */
  }
  return Boolean(value);
}

/** The row above; `told(search)` shows how a search stands. */
export function buildTools(view) {
  const tools = element("div", "log-tools");
  tools.setAttribute("role", "toolbar");
  tools.setAttribute("aria-label", "Log");
  const input = element("input", "input small log-find");
  input.type = "search";
  input.placeholder = "Find or /expression/";
  input.setAttribute("aria-label", "Find in this log; /…/ is a regular expression");
  const count = element("span", "log-count");
  count.setAttribute("aria-live", "polite");
  const up = iconButton("arrow-up", "Previous match", () => view.search.step(-1));
  const down = iconButton("arrow-down", "Next match", () => view.search.step(1));
  const streams = element("select", "select log-streams");
  streams.setAttribute("aria-label", "Which output to show");
  for (const [value, words] of [
    ["0", "All output"],
    ["1", "stdout"],
    ["2", "stderr"],
  ])
    streams.append(new Option(words, value));
  const box = element("span", "select-box");
  box.append(streams, icon("chevron-down"));
  const found = element("span", "log-found");
  found.append(count, up, down);
  found.hidden = true;
  const field = element("span", "log-find-box");
  field.append(icon("search"), input);
  tools.append(
    field,
    found,
    element("span", "grow"),
    box,
    toggle("Wrap", "Long lines on several rows", view.hasAttribute("data-wrap"), (on) => {
      kept("wrap", on);
      view.wrap(on);
    }),
    toggle("Times", "When each line was read", view.hasAttribute("data-times"), (on) => {
      kept("times", on);
      view.toggleAttribute("data-times", on);
      view.resized();
    }),
  );

  const look = () => view.search.start(input.value, view.lines, view.topLine());
  input.addEventListener("input", look);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      view.search.step(event.shiftKey ? -1 : 1);
    }
    if (event.key === "Escape") {
      input.value = "";
      look();
      view.box.focus();
      event.stopPropagation();
    }
  });
  streams.addEventListener("change", () => view.filter(Number(streams.value)));
  view.addEventListener("keydown", (event) => {
    const find = event.key === "/" && event.target === view.box;
    // The browser's own search would find only the lines that exist just now.
    if (!find && !(event.key === "f" && (event.ctrlKey || event.metaKey))) return;
    event.preventDefault();
    input.focus();
    input.select();
  });
  tools.told = (search) => {
    count.textContent = search.words;
    found.hidden = !search.words;
    input.setAttribute("aria-invalid", String(Boolean(search.problem)));
    up.disabled = down.disabled = !search.matches.length;
  };
  return tools;
}

function iconButton(name, words, act) {
  const made = button("button ghost small icon-only", "", act);
  made.title = words;
  made.setAttribute("aria-label", words);
  made.append(icon(name));
  return made;
}

function toggle(words, title, on, change) {
  const made = button("button ghost small log-toggle", words);
  made.title = title;
  made.setAttribute("aria-pressed", String(on));
  made.addEventListener("click", () => {
    const now = made.getAttribute("aria-pressed") !== "true";
    made.setAttribute("aria-pressed", String(now));
    change(now);
  });
  return made;
}
