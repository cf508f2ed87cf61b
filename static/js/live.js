// The page's two sockets: HTML goes into its place, text is appended, the rest is told around.

import { notify, notifySignedOut } from "./notices.js";

// Characters that a card shows of a file that is being written.
const TAIL = 8000;
const SUGGESTIONS = "```suggestions";
const live = () => document.getElementById("live");

/** Adds what htmx lacks: put elements in at their place by id, and never shorten a growing text. */
function extend() {
  let api;
  htmx.registerExtension("vibe", {
    init(internal) {
      api = internal;
    },
    handle_swap(style, target, fragment) {
      if (style !== "upsert" && style !== "insert") return false;
      const settled = [];
      for (const fresh of [...fragment.children]) {
        const old = document.getElementById(fresh.id);
        if (fresh.dataset.adopt) {
          settled.push(adopt(fresh, old));
          continue;
        }
        if (old && style === "insert") continue;
        if (old) {
          const holder = document.createDocumentFragment();
          holder.append(fresh);
          // A card that gets something to unfold becomes another element.
          if (old.tagName !== fresh.tagName) old.replaceWith(holder);
          else {
            const moved = old.dataset.position !== fresh.dataset.position;
            api.morph(old, holder, false);
            if (moved) inPlace(target, old);
          }
        } else inPlace(target, fresh);
        settled.push(document.getElementById(fresh.id) ?? fresh);
      }
      return settled;
    },
    htmx_before_morph_node(old, { newNode }) {
      // What one has unfolded or folded stays so.
      if (old.matches?.("details[data-touched]") && newNode.matches?.("details")) {
        newNode.open = old.open;
        newNode.dataset.touched = "";
      }
      if (old.dataset?.editing !== undefined) return false; // somebody types in it
      // The answer to a request may arrive after newer news from the socket.
      if (Number(old.dataset?.order) > Number(newNode.dataset?.order)) return false;
      if (!old.matches?.("[data-stream]") || !newNode.matches?.("[data-stream]")) return true;
      if (old.dataset.file !== newNode.dataset.file) return true;
      return Number(old.dataset.offset) <= Number(newNode.dataset.offset);
    },
  });
}

/** Steps that are done go into their line as they are; the line may be there already. */
function adopt(fresh, old) {
  const steps = fresh.dataset.adopt
    .split(" ")
    .map((id) => document.getElementById(id))
    .filter(Boolean);
  delete fresh.dataset.adopt;
  if (old) old.querySelector("summary").replaceWith(fresh.querySelector("summary"));
  else steps[0]?.before(fresh);
  const line = old ?? fresh;
  if (steps.some((step) => step.open && step.dataset.touched !== undefined)) line.open = true;
  line.querySelector(".steps-body").append(...steps);
  return line;
}

/** Put an element among the others of its kind, by its position. */
function inPlace(target, element) {
  const position = Number(element.dataset.position);
  const next = [...target.children].find(
    (child) =>
      child !== element &&
      child.dataset.position !== undefined &&
      Number(child.dataset.position) > position,
  );
  target.insertBefore(element, next ?? null);
}

function append({ part, file, offset, delta }) {
  const stream = streamOf(part, file);
  const element = document.getElementById(part);
  if (!element) return refetch(lastMessage());
  if (!stream) return; // complete already
  const known = Number(stream.dataset.offset);
  if (offset > known) return refetch(element.closest(".message")?.id);
  // Offsets count characters as the server does: by code point.
  const fresh = [...delta].slice(known - offset);
  if (!fresh.length) return;
  const tail = stream.querySelector("[hidden]") ?? stream;
  if (tail.lastChild?.nodeType === Node.TEXT_NODE) tail.lastChild.appendData(fresh.join(""));
  else tail.append(fresh.join(""));
  stream.dataset.offset = String(known + fresh.length);
  if (file === undefined) return tail === stream && hideSuggestions(stream);
  announce("vibe:file-text", { stream, text: fresh.join("") });
  // The card shows the end of it.
  const shown = stream.lastChild;
  if (shown.length > 2 * TAIL) shown.deleteData(0, shown.data.indexOf("\n", TAIL) + 1 || TAIL);
}

/** Suggestions become buttons once the answer is whole; until then their text is none to read. */
function hideSuggestions(stream) {
  const node = stream.lastChild;
  const at = node.data.lastIndexOf(SUGGESTIONS);
  if (at < 0) return;
  const hidden = document.createElement("span");
  hidden.hidden = true;
  hidden.append(node.splitText(at));
  stream.append(hidden);
}

function streamOf(part, file) {
  const which = file === undefined ? "" : `[data-file="${Number(file)}"]`;
  return document.querySelector(`#${CSS.escape(part)} [data-stream]${which}`);
}

/** The last `count` elements of the thread; mostly there are more than a page wants to look through. */
export const lastMessages = (count) =>
  [...document.getElementById("thread").children].slice(-count);
const lastMessage = () =>
  [...document.getElementById("thread").children].findLast((one) => one.matches(".message"))?.id;
const fetching = new Set();
const again = new Set();

/** Get a message's turn anew from its rows; what is news during that is fetched after it. */
export async function refetch(message) {
  if (!message) return;
  if (fetching.has(message)) return again.add(message);
  fetching.add(message);
  try {
    do {
      again.delete(message);
      await htmx.ajax("GET", `/messages/${message}/`, { source: live(), swap: "none" });
    } while (again.has(message));
  } finally {
    again.delete(message);
    fetching.delete(message);
  }
}

/** Where the conversation's socket goes on: after what this page shows. */
function liveUrl(url) {
  const address = new URL(url);
  address.searchParams.set("after", live().dataset.cursor);
  address.searchParams.set(
    "sandbox",
    document.getElementById("sandbox-status")?.dataset.sandbox ?? "",
  );
  address.searchParams.set("queue", document.getElementById("queue")?.dataset.state ?? "");
  return address.href;
}

function handle(message) {
  switch (message.type) {
    case "text":
    case "file":
      return append(message);
    case "thread":
      return announce("vibe:thread", message);
    case "fetch":
      return refetch(message.message || lastMessage());
    case "preview":
      return announce("vibe:preview", message);
    case "ports":
      return announce("vibe:ports", message);
    case "files":
      return announce("vibe:files", message);
    case "terminals":
      return announce("vibe:terminals", message);
    case "versions":
      return announce("vibe:versions", message);
    case "commands":
      return announce("vibe:commands", message);
    case "refused":
      return announce("vibe:refused", message);
  }
}

const announce = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));

let told = false;

/** Who listens looks through the page: once before a frame is drawn, or at once if none is. */
function changed() {
  if (document.hidden) return announce("vibe:changed", {});
  if (told) return;
  told = true;
  requestAnimationFrame(() => {
    told = false;
    announce("vibe:changed", {});
  });
}

export function startLive() {
  extend();
  document.addEventListener("htmx:ws:before:connection", (event) => {
    if (event.target === live()) event.detail.connection.url = liveUrl(event.detail.connection.url);
  });
  document.addEventListener("htmx:ws:before:message:incoming", (event) => {
    const { message, connection } = event.detail;
    if (typeof message.data !== "string") return;
    let parsed;
    try {
      parsed = JSON.parse(message.data);
    } catch {
      return;
    }
    if (parsed.type) {
      event.preventDefault();
      handle(parsed);
    }
    if (event.target === live() && parsed.cursor) {
      live().dataset.cursor = parsed.cursor;
      // A page that was in the background reconnects with this address, without another event.
      queueMicrotask(() => {
        connection.url = liveUrl(connection.url);
      });
    }
  });
  document.addEventListener("htmx:ws:after:message:incoming", (event) => {
    if (event.target === live()) event.detail.connection.url = liveUrl(event.detail.connection.url);
    changed();
  });

  const word = document.getElementById("connection");
  document.addEventListener("htmx:ws:after:connection", () => {
    word.hidden = true;
  });
  document.addEventListener("htmx:ws:close", (event) => {
    const { reason, code } = event.detail;
    if (reason === "removed" || document.hidden) return;
    if (code === 4401) return notifySignedOut();
    if (code === 4404) return notify("This conversation or its sandbox is gone. Reload the page.");
    word.hidden = false;
  });
}
