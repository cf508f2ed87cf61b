// What was picked in the app, as chips above the message: its words go with the message as text.

import { button, element, icon } from "./elements.js";

// As many as chat/services/pointing/picked.py takes.
export const MOST_PICKED = 8;
const form = () => document.getElementById("composer");
const list = () => document.getElementById("chips");
const key = () => `vibe:picked:${form().dataset.draft}`;
const changed = () => {
  const kept = [...list().querySelectorAll("[data-element][data-state=ready]")].map((one) => ({
    name: one.querySelector(".chip-name").textContent,
    place: one.querySelector(".chip-size").textContent,
    words: one.querySelector("input").value,
  }));
  if (kept.length) localStorage.setItem(key(), JSON.stringify(kept));
  else localStorage.removeItem(key());
  form().dispatchEvent(new CustomEvent("vibe:chips"));
};

/** What was picked before the page was left comes back. */
export function startPickedChips() {
  document.addEventListener("vibe:sent", changed);
  for (const { name, place, words } of JSON.parse(localStorage.getItem(key()) ?? "[]"))
    addPicked(name)?.ready(place, words);
}

/** A chip whose words are on their way: `ready(place, words)`, `failed()`; null: no more of them. */
export function addPicked(name) {
  if (list().querySelectorAll("[data-element]").length >= MOST_PICKED) return null;
  const made = element("li", "chip");
  made.dataset.element = "";
  made.dataset.state = "coming";
  const label = element("span", "chip-name clip mono", name);
  label.title = name;
  const place = element("span", "chip-size", "");
  const away = button("button ghost icon-only small", "", () => {
    made.remove();
    changed();
  });
  away.append(icon("x"));
  away.setAttribute("aria-label", `Remove ${name}`);
  away.title = "Remove";
  made.append(icon("mouse-pointer-click"), label, place, away);
  list().append(made);
  changed();
  return {
    ready(where, words) {
      place.textContent = where;
      const field = element("input");
      Object.assign(field, { type: "hidden", name: "element", value: words });
      made.append(field);
      made.dataset.state = "ready";
      changed();
    },
    failed() {
      made.remove();
      changed();
    },
  };
}
