// The preview: which port and path it shows, in a frame of an origin of its own.

import { request } from "./http.js";
import { showAccess, startAccess } from "./preview-access.js";
import { besideOf, reloadWhereItIs, startBeside } from "./preview-beside.js";
import { startFollowing } from "./preview-follow.js";
import { offer } from "./tabs.js";

const $ = (id) => document.getElementById(id);
// chosen: by a person or the assistant, not because it was the first to open.
let shown = { sandbox: "", port: 0, chosen: false };
let listening = [];
let loadedAt = 0;
// When servers came back lately: one that comes and goes must not make the page flicker.
let returns = [];
const RETURNS = 3;
const RETURNS_WITHIN = 30_000;
const UPDATED_FOR = 4000;
let names = {};
let saving = 0;
let saved = "";

export function startPreview() {
  startBeside(goneTo);
  startAccess();
  startFollowing(() => (shown.port ? loadedAt : Number.POSITIVE_INFINITY), follow);
  document.addEventListener("vibe:ports", ({ detail }) =>
    setPorts(detail.ports, detail.other ?? [], detail.names ?? {}),
  );
  document.addEventListener("vibe:preview", ({ detail }) => {
    // The port was noticed a moment ago and is being loaded already.
    open(detail.port, { reload: Date.now() - loadedAt > 2000, chosen: true });
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
      open(Number(link.dataset.openPreview), { reload: true, chosen: true });
    }
    if (event.target.closest("#preview-reload")) reload();
  });
  document.addEventListener("change", (event) => {
    if (event.target.id === "preview-port")
      open(Number(event.target.value), { reload: true, chosen: true });
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

// other: ports that have shown that they do not speak HTTP.
function setPorts(ports, other, named) {
  const { sandbox } = $("preview-bar").dataset;
  const remembered = Number($("preview-bar").dataset.port);
  names = named;
  if (shown.sandbox !== sandbox) {
    shown = { sandbox, port: 0, chosen: false };
    listening = [];
    returns = [];
  }
  const fresh = ports.filter((port) => !listening.includes(port));
  const came_back = ports.includes(shown.port) && !listening.includes(shown.port);
  const pages = ports.filter((port) => !other.includes(port));
  listening = ports;
  fillPorts();
  if (other.includes(shown.port) && !shown.chosen && pages.length) open(pages[0]);
  else if (shown.port && ports.includes(shown.port)) {
    if (came_back && isCalm()) load();
  } else if (!shown.port && ports.includes(remembered)) {
    open(remembered, { path: $("preview-bar").dataset.path });
  } else if (fresh.length) open(fresh.find((port) => pages.includes(port)) ?? fresh[0]);
  else if (!ports.length && shown.port) close();
}

function isCalm() {
  const now = Date.now();
  returns = [...returns.filter((at) => now - at < RETURNS_WITHIN), now];
  return returns.length <= RETURNS;
}

function fillPorts() {
  const select = $("preview-port");
  const ports =
    shown.port && !listening.includes(shown.port) ? [shown.port, ...listening] : listening;
  select.replaceChildren(
    ...(ports.length ? ports : [""]).map((port) => new Option(port ? labelOf(port) : "port", port)),
  );
  select.disabled = !ports.length;
  if (shown.port) select.value = String(shown.port);
}

const labelOf = (port) => (names[port] ? `${port} · ${names[port]}` : String(port));

/** `path`: where to go on that port; else where it was, or at its beginning. */
function open(port, { reload = false, chosen = false, path = "/" } = {}) {
  if (!port) return;
  const changed = shown.port !== port;
  shown.chosen = chosen || (shown.chosen && !changed);
  shown.port = port;
  shown.sandbox = $("preview-bar").dataset.sandbox;
  fillPorts();
  if (changed) $("preview-path").value = path;
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
  besideOf(origin(shown.port));
  showAccess(shown.sandbox, shown.port);
  keep();
  frame.hidden = false;
  $("preview-empty").hidden = true;
}

/** The app has gone elsewhere by itself, or somebody has followed a link of it. */
function goneTo(path) {
  const field = $("preview-path");
  if (!shown.port || document.activeElement === field) return;
  field.value = path;
  $("preview-open").href = origin(shown.port) + path;
  keep();
}

/** Have the conversation remember what it shows. */
function keep() {
  const conversation = location.pathname.match(/^\/c\/([^/]+)\//)?.[1];
  const data = { port: shown.port, path: $("preview-path").value };
  Object.assign($("preview-bar").dataset, data);
  const said = JSON.stringify(data);
  if (!conversation || said === saved) return;
  clearTimeout(saving);
  saving = setTimeout(() => {
    saved = said;
    // Not worth a word if not: it shows the app all the same.
    request("POST", `/c/${conversation}/preview/`, { data }).catch(() => {});
  }, 800);
}

async function reload() {
  loadedAt = Date.now();
  if ((await reloadWhereItIs({ unlessHot: false })) === "none") load();
}

/** Files have changed. */
async function follow() {
  if (!shown.port || $("preview-frame").hidden) return;
  loadedAt = Date.now();
  const done = await reloadWhereItIs({ unlessHot: true });
  if (done === "none") load();
  if (done === "hot") return;
  const word = $("preview-updated");
  word.textContent = "Updated";
  setTimeout(() => {
    word.textContent = "";
  }, UPDATED_FOR);
}

function close() {
  shown.port = 0;
  besideOf(null);
  showAccess("", 0);
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
