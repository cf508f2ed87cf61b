// The file that the model is writing grows in the code panel, until it is written and read anew.

import { element } from "./elements.js";
import { lastMessages } from "./live.js";

// Text goes into blocks of about so many characters: only the last one is laid out anew.
const BLOCK = 4000;
const MOST_BLOCKS = 500;

// The model writes in its last message.
const streams = () => lastMessages(1)[0]?.querySelectorAll(".tool-live [data-stream]") ?? [];
const view = () => document.querySelector("#file > .file-live");

/** Whether the pane shows a file that is being written. */
export const isLive = () => Boolean(view());

/** `wanted(path)`: whether the pane is to show this file as it is written; `whole(path)`: it is. */
export function startCodeLive(wanted, whole) {
  document.addEventListener("vibe:file-text", ({ detail }) => {
    if (shown(detail.stream, wanted)) append(detail.text);
  });
  const look = () => {
    const stream = [...streams()].at(-1);
    const old = view();
    if (stream) return shown(stream, wanted);
    // Between the last word and the end of the call the file may not be there yet.
    const state = old && document.getElementById(old.dataset.part)?.dataset.state;
    if (!old || ["streaming", "running"].includes(state)) return;
    old.remove();
    whole(state === "done" ? old.dataset.path : ".");
  };
  document.addEventListener("vibe:changed", look);
  document.addEventListener("vibe:shown", look);
  look();
}

/** Have the stream's file in the pane; false when it is new there or not wanted. */
function shown(stream, wanted) {
  const { path } = stream.dataset;
  const old = view();
  if (!wanted(path)) return false;
  if (old?.dataset.stream === stream.parentElement.id) return true;
  const pane = document.getElementById("file");
  if (!pane) return false;
  const fresh = element("div", "file-live");
  fresh.dataset.path = path;
  fresh.dataset.stream = stream.parentElement.id;
  fresh.dataset.part = stream.closest(".tool").id;
  const head = element("div", "file-head");
  head.dataset.path = path;
  head.append(
    element("span", "mono clip grow", path),
    element("span", "pulse", ""),
    element("span", "muted facts-of", "being written"),
  );
  const body = element("div", "file-body");
  body.tabIndex = 0;
  body.append(element("pre", "source live-text", ""));
  fresh.append(head, body);
  pane.replaceChildren(fresh);
  const text = stream.textContent;
  const missing = Number(stream.dataset.offset) > [...text].length;
  append(missing ? `…\n${text.slice(text.indexOf("\n") + 1)}` : text);
  return false;
}

function append(text) {
  const body = view()?.querySelector(".file-body");
  const box = body?.querySelector(".live-text");
  if (!box || !text) return;
  const atEnd = body.scrollHeight - body.scrollTop - body.clientHeight < 40;
  let rest = text;
  while (rest) {
    let block = box.lastElementChild;
    if (!block || (block.firstChild.length > BLOCK && block.firstChild.data.endsWith("\n"))) {
      block = element("span", "live-block");
      block.append(document.createTextNode(""));
      box.append(block);
    }
    // A block ends with a line.
    const end = rest.indexOf("\n", Math.max(0, BLOCK - block.firstChild.length));
    const piece = end < 0 ? rest : rest.slice(0, end + 1);
    block.firstChild.appendData(piece);
    rest = rest.slice(piece.length);
  }
  while (box.childElementCount > MOST_BLOCKS) box.firstElementChild.remove();
  if (atEnd) body.scrollTop = body.scrollHeight;
}
