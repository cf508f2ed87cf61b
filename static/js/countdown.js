// Times that run: how long a sandbox still lives, how long a turn has been at work.

import { clock } from "./units.js";

export function startCountdowns() {
  tick();
  setInterval(tick, 1000);
  document.addEventListener("vibe:changed", tick); // what a socket has brought
  document.addEventListener("htmx:after:swap", (event) => {
    if (!event.target.hasAttribute?.("hx-ws:connect")) tick();
  });
}

export function tick() {
  const now = Date.now();
  for (const place of places()) {
    for (const element of place.querySelectorAll("[data-expires]")) remaining(element, now);
    for (const element of place.querySelectorAll("[data-since]")) age(element, now);
  }
}

/** Where such times stand: on the workbench not in the thread, which can be very long. */
function places() {
  const thread = document.getElementById("thread-scroll");
  if (!thread) return [document];
  return [
    document.querySelector(".top"),
    thread.nextElementSibling,
    document.getElementById("stage"),
  ];
}

function remaining(element, now) {
  const left = Math.max(0, Date.parse(element.dataset.expires) - now) / 1000;
  const words = `${clock(left)} left`;
  if (element.textContent !== words) element.textContent = words;
  element.toggleAttribute("data-soon", left < 300);
}

function age(element, now) {
  const elapsed = element.querySelector(".elapsed");
  const seconds = Math.max(0, Math.floor((now - Date.parse(element.dataset.since)) / 1000));
  if (elapsed) elapsed.textContent = `${seconds} s`;
}
