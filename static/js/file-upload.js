// Files into the sandbox: by the button, and by dropping files and folders on the panel.

import { element } from "./elements.js";
import { request, sendFile } from "./http.js";
import { notify } from "./notices.js";

const panel = () => document.getElementById("code-panel");
const folder = () => document.querySelector("#file .file-head")?.dataset.path ?? ".";
const isFolder = () => Boolean(document.querySelector("#file .folder"));

export function startUpload() {
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-upload]"))
      document.querySelector("#file [data-upload-input]").click();
    if (event.target.closest("[data-close-dialog]")) event.target.closest("dialog").close();
  });
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-upload-input]")) return;
    upload([...event.target.files].map((file) => ({ file, path: join(folder(), file.name) })));
    event.target.value = "";
  });
  document.addEventListener("dragover", (event) => {
    if (!isOver(event)) return mark(null);
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    mark(place(event));
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) mark(null);
  });
  document.addEventListener("drop", async (event) => {
    if (!isOver(event)) return;
    event.preventDefault();
    const target = place(event).dataset.drop ?? (isFolder() ? folder() : ".");
    mark(null);
    // Asked for at once: the list is empty after the first wait.
    const dropped = [...event.dataTransfer.items]
      .map((item) => item.webkitGetAsEntry() ?? item.getAsFile())
      .filter(Boolean);
    const found = [];
    for (const item of dropped) {
      if (item instanceof File) found.push({ path: join(target, item.name), file: item });
      else await collect(item, target, found);
    }
    upload(found);
  });
}

const isOver = (event) =>
  event.dataTransfer?.types.includes("Files") &&
  panel()?.contains(event.target) &&
  document.getElementById("tree");
const place = (event) => event.target.closest("[data-drop]") ?? document.getElementById("file");
const join = (base, name) => (base === "." ? name : `${base}/${name}`);

function mark(element) {
  for (const old of document.querySelectorAll("[data-dropping]"))
    if (old !== element) delete old.dataset.dropping;
  if (element) element.dataset.dropping = "";
}

async function collect(entry, base, found) {
  const path = join(base, entry.name);
  if (entry.isFile) {
    found.push({ path, file: await new Promise((resolve, reject) => entry.file(resolve, reject)) });
    return;
  }
  const reader = entry.createReader();
  for (let empty = true; ; empty = false) {
    const batch = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!batch.length && empty) found.push({ path, file: null });
    if (!batch.length) return;
    for (const child of batch) await collect(child, path, found);
  }
}

async function upload(items) {
  if (!items.length) return;
  const box = progressBox();
  const total = items.reduce((sum, item) => sum + (item.file?.size ?? 0), 0) || 1;
  let sent = 0;
  let failed = "";
  for (const [index, item] of items.entries()) {
    box.words.textContent = `Uploading ${item.path}${items.length > 1 ? ` (${index + 1} of ${items.length})` : ""}`;
    try {
      if (item.file)
        await sendFile(addressOf(item.path), item.file, (loaded) => {
          box.bar.value = (sent + loaded) / total;
        });
      else await makeFolder(item.path);
    } catch (error) {
      failed = `${item.path} was not uploaded. ${error.message}`;
      break;
    }
    sent += item.file?.size ?? 0;
  }
  box.element.remove();
  if (failed) return notify(failed);
  notify(
    items.length === 1 ? `Uploaded ${items[0].path}.` : `Uploaded ${items.length} files.`,
    "success",
  );
  document.dispatchEvent(new CustomEvent("vibe:files", { detail: {} }));
}

// A folder with nothing in it: no file brings it along.
const makeFolder = (path) =>
  request("POST", `/api/v1/sandboxes/${panel().dataset.sandbox}/files/directory`, {
    data: { path },
  });

const addressOf = (path) =>
  `/api/v1/sandboxes/${panel().dataset.sandbox}/files/content?path=${encodeURIComponent(path)}`;

function progressBox() {
  const box = element("div", "uploads");
  box.setAttribute("role", "status");
  const words = element("p", "clip");
  const bar = element("progress");
  bar.setAttribute("aria-label", "Progress of the upload");
  bar.value = 0;
  box.append(words, bar);
  document.getElementById("code").append(box);
  return { element: box, words, bar };
}
