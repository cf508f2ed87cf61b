// The preview: which port and path it shows, in a frame of an origin of its own.

import { offer } from "./tabs.js";

const $ = (id) => document.getElementById(id);
let shown = { sandbox: "", port: 0 };
let listening = [];
let loadedAt = 0;

export function startPreview() {
  document.addEventListener("vibe:ports", ({ detail }) => setPorts(detail.ports));
  document.addEventListener("vibe:preview", ({ detail }) => {
    // The port was noticed a moment ago and is being loaded already.
    open(detail.port, { reload: Date.now() - loadedAt > 2000 });
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-open-preview]");
    if (
      link &&
      !event.ctrlKey &&
      !event.metaKey &&
      !event.shiftKey &&
      Number(link.dataset.openPreview)
    ) {
      event.preventDefault();
      open(Number(link.dataset.openPreview), { reload: true });
    }
    if (event.target.closest("#preview-reload")) load();
  });
  document.addEventListener("change", (event) => {
    if (event.target.id === "preview-port") open(Number(event.target.value), { reload: true });
  });
  document.addEventListener("focusin", (event) => {
    if (event.target.id === "preview-path") event.target.select();
  });
  document.addEventListener("keydown", (event) => {
    if (event.target.id !== "preview-path" || event.key !== "Enter") return;
    event.preventDefault();
    event.target.blur();
    load();
  });
}

/** Whether browsers elsewhere would look for previews on their own machine. */
function outOfReach() {
  const { domain } = $("preview-bar").dataset;
  const here = /(^|\.)localhost$|^127\.|^\[::1\]$/.test(location.hostname);
  return /(^|\.)localhost$/.test(domain) && !here;
}

function origin(port) {
  const { sandbox, domain } = $("preview-bar").dataset;
  const own = location.port ? `:${location.port}` : "";
  return `${location.protocol}//${port}-${sandbox}.${domain}${own}`;
}

function setPorts(ports) {
  const sandbox = $("preview-bar").dataset.sandbox;
  if (shown.sandbox !== sandbox) {
    shown = { sandbox, port: 0 };
    listening = [];
  }
  const fresh = ports.filter((port) => !listening.includes(port));
  const came_back = ports.includes(shown.port) && !listening.includes(shown.port);
  listening = ports;
  fillPorts();
  if (shown.port && ports.includes(shown.port)) {
    if (came_back) load();
  } else if (fresh.length) open(fresh[0]);
  else if (!ports.length && shown.port) close();
}

function fillPorts() {
  const select = $("preview-port");
  const ports =
    shown.port && !listening.includes(shown.port) ? [shown.port, ...listening] : listening;
  select.replaceChildren(
    ...(ports.length ? ports : [""]).map((port) => new Option(port || "port", port)),
  );
  select.disabled = !ports.length;
  if (shown.port) select.value = String(shown.port);
}

function open(port, { reload = false } = {}) {
  if (!port) return;
  const changed = shown.port !== port;
  shown.port = port;
  shown.sandbox = $("preview-bar").dataset.sandbox;
  fillPorts();
  if (changed) $("preview-path").value = "/";
  if (changed || reload || $("preview-frame").hidden) load();
  offer("preview");
}

function load() {
  const frame = $("preview-frame");
  if (!shown.port) return;
  if (outOfReach()) {
    $("preview-empty").hidden = true;
    $("preview-unreachable").hidden = false;
    return;
  }
  let path = $("preview-path").value.trim() || "/";
  if (!path.startsWith("/")) path = `/${path}`;
  $("preview-path").value = path;
  const url = origin(shown.port) + path;
  for (const id of ["preview-path", "preview-reload"]) $(id).disabled = false;
  const link = $("preview-open");
  link.href = url;
  link.removeAttribute("aria-disabled");
  $("preview-working").hidden = false;
  // A new frame has no history: the page's Back button stays the page's own.
  const fresh = $("preview-frame-template").content.firstElementChild.cloneNode(false);
  fresh.addEventListener(
    "load",
    () => {
      $("preview-working").hidden = true;
    },
    { once: true },
  );
  fresh.src = url;
  loadedAt = Date.now();
  frame.replaceChildren(fresh);
  frame.hidden = false;
  $("preview-empty").hidden = true;
}

function close() {
  shown.port = 0;
  $("preview-frame").hidden = true;
  $("preview-unreachable").hidden = true;
  $("preview-frame").replaceChildren();
  $("preview-empty").hidden = false;
  $("preview-working").hidden = true;
  for (const id of ["preview-path", "preview-reload"]) $(id).disabled = true;
  $("preview-open").removeAttribute("href");
  $("preview-open").setAttribute("aria-disabled", "true");
  fillPorts();
}
