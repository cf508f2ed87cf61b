// The preview: which port and path it shows.

import { startConsole } from "./console-panel.js";
import { showAccess, startAccess } from "./preview-access.js";
import { startAsk } from "./preview-ask.js";
import { go, reloadWhereItIs, startBeside } from "./preview-beside.js";
import { startFollowing } from "./preview-follow.js";
import { empty, fill, startFrame } from "./preview-frame.js";
import { keep } from "./preview-kept.js";
import { startLook } from "./preview-look.js";
import { startPick } from "./preview-pick.js";
import { wakeIfAsked } from "./preview-wake.js";
import { hide, nothingListens, startWords } from "./preview-words.js";
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
let others = [];
// What the pages of ports call themselves.
let titles = {};

export function startPreview() {
  startBeside(goneTo);
  startFrame(goneTo);
  startWords(load);
  startAsk(load);
  startLook(load);
  startPick(() => shown);
  startConsole();
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
    if (event.target.closest("#preview-back")) go("back");
    if (event.target.closest("#preview-forward")) go("forward");
    wakeIfAsked(event.target);
  });
  document.addEventListener("change", (event) => {
    if (event.target.id === "preview-port")
      open(Number(event.target.value), { reload: true, chosen: true });
  });
  document.addEventListener("focusin", (event) => {
    if (event.target.id === "preview-path") event.target.select();
  });
  document.addEventListener("keydown", (event) => {
    if (event.target.id !== "preview-path") return;
    if (event.key === "Escape") event.target.value = $("preview-bar").dataset.path;
    if (event.key !== "Enter") return;
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
  others = other;
  if (shown.sandbox !== sandbox) {
    shown = { sandbox, port: 0, chosen: false };
    listening = [];
    returns = [];
    titles = {};
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
  if (!shown.port) nothingListens();
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

function labelOf(port) {
  if (others.includes(port)) return `${port} · no HTTP${names[port] ? ` · ${names[port]}` : ""}`;
  return [port, titles[port], names[port]].filter(Boolean).join(" · ");
}

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
  if (!shown.port) return;
  if (outOfReach()) {
    $("preview-empty").hidden = true;
    $("preview-unreachable").hidden = false;
    return;
  }
  const path = asPath($("preview-path").value.trim());
  $("preview-path").value = path;
  for (const id of ["preview-path", "preview-reload", "preview-pick"]) $(id).disabled = false;
  const link = $("preview-open");
  link.href = origin(shown.port) + path;
  link.removeAttribute("aria-disabled");
  loadedAt = Date.now();
  const { sandbox, port } = shown;
  fill({ origin: origin(port), path, port, name: names[port], sandbox });
  showAccess(sandbox, port);
  remember(path);
  $("preview-empty").hidden = true;
}

/** The path of what somebody has typed, who may have pasted a whole address. */
function asPath(typed) {
  const own = origin(shown.port);
  const rest = typed.startsWith(own) ? typed.slice(own.length) : typed;
  return rest.startsWith("/") ? rest : `/${rest}`;
}

/** The app has gone elsewhere by itself, or somebody has followed a link of it. */
function goneTo(path, { title = "", back, forward } = {}) {
  const field = $("preview-path");
  if (!shown.port) return;
  if (back !== undefined) {
    $("preview-back").disabled = !back;
    $("preview-forward").disabled = !forward;
  }
  if (title && titles[shown.port] !== title) {
    titles[shown.port] = title;
    fillPorts();
  }
  $("preview-open").href = origin(shown.port) + path;
  remember(path);
  if (document.activeElement !== field) field.value = path;
}

/** Have the conversation remember what it shows. */
function remember(path) {
  const data = { port: shown.port, path };
  Object.assign($("preview-bar").dataset, data);
  keep(data);
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
  empty();
  hide();
  showAccess("", 0);
  $("preview-unreachable").hidden = true;
  $("preview-empty").hidden = false;
  for (const id of ["path", "reload", "back", "forward", "pick"])
    $(`preview-${id}`).disabled = true;
  $("preview-open").removeAttribute("href");
  $("preview-open").setAttribute("aria-disabled", "true");
  fillPorts();
}
