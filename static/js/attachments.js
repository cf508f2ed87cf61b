// Files for the message, as chips above its text: chosen, pasted or dropped, sent on at once.

import { chip } from "./attachment-chip.js";
import { request, sendFile } from "./http.js";
import { notify } from "./notices.js";

const PASTED = "Pasted text.txt";
const LONG_TEXT = { characters: 4000, lines: 100 };

export function startAttachments() {
  const form = document.getElementById("composer");
  const text = document.getElementById("message");
  const list = document.getElementById("chips");
  const input = document.getElementById("attach-files");
  const key = `vibe:attached:${form.dataset.draft}`;
  // The files go by themselves, so the form carries their ids only.
  input.removeAttribute("name");
  input.hidden = true;
  form.removeAttribute("enctype");
  const choose = document.getElementById("attach");
  choose.hidden = false;
  choose.addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    addAll([...input.files]);
    input.value = "";
  });

  text.addEventListener("paste", (event) => {
    const pasted = event.clipboardData.getData("text/plain");
    // What is copied from a table or a document brings a picture of itself beside the text.
    const files = pasted ? [] : [...event.clipboardData.files];
    if (files.length) addAll(files);
    else if (isLong(pasted)) addText(pasted);
    else return;
    event.preventDefault();
  });

  const chat = document.getElementById("main");
  const brings = (event) => event.dataTransfer?.types.includes("Files");
  chat.addEventListener("dragover", (event) => {
    if (!brings(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    form.dataset.dropping = "";
  });
  chat.addEventListener("dragleave", (event) => {
    if (!chat.contains(event.relatedTarget)) delete form.dataset.dropping;
  });
  chat.addEventListener("drop", (event) => {
    if (!brings(event)) return;
    event.preventDefault();
    delete form.dataset.dropping;
    addAll([...event.dataTransfer.files]);
    text.focus();
  });

  // A message waits for what it brings along.
  let waiting = null;
  form.addEventListener(
    "submit",
    (event) => {
      if (event.submitter?.hasAttribute("formaction")) return;
      if (list.querySelector("[data-state=coming]")) {
        event.preventDefault();
        event.stopImmediatePropagation();
        waiting = event.submitter ?? form.querySelector(".send");
        say("The message is sent when its files have arrived.");
      } else if (!form.hasAttribute("hx-post")) {
        localStorage.removeItem(key);
      }
    },
    true,
  );
  // Others have put a chip into the list, or a file beside the message.
  form.addEventListener("vibe:chips", changed);
  document.addEventListener("vibe:attach", ({ detail }) => addAll(detail.files));
  document.addEventListener("vibe:sent", () => {
    for (const one of list.querySelectorAll("[data-state=ready]")) one.remove();
    changed();
  });
  restore();

  function addAll(files) {
    for (const file of files) {
      const refusal = refused(file);
      if (refusal) notify(refusal);
      else add(file);
    }
  }

  function refused(file) {
    const { most, mostMb } = input.dataset;
    if (list.children.length >= Number(most))
      return `A message may have ${most} attachments. Send the others with the next one.`;
    if (file.size > Number(mostMb) * 1024 * 1024)
      return `${file.name} is larger than ${mostMb} MB. Upload it in the panel Code instead.`;
    return "";
  }

  function addText(pasted) {
    const at = text.selectionStart;
    const added = add(new File([pasted], PASTED, { type: "text/plain" }), "Pasted text");
    added?.offerText(() => {
      added.remove();
      text.setRangeText(pasted, at, at, "end");
      text.dispatchEvent(new Event("input", { bubbles: true }));
      text.focus();
    });
    say("The long text is attached. Undo puts it into the message.");
  }

  function add(file, label = file.name) {
    const stop = new AbortController();
    const made = chip({ name: label, size: file.size }, () => {
      stop.abort();
      takeBack(made);
    });
    list.append(made.element);
    changed();
    upload(file, made, stop.signal);
    return made;
  }

  async function upload(file, made, signal) {
    const conversation = form.dataset.draft;
    const place = conversation === "new" ? "" : `/conversations/${conversation}`;
    const address = `/api/v1${place}/attachments?name=${encodeURIComponent(file.name.slice(-200))}`;
    try {
      const found = await sendFile(
        address,
        file,
        (sent) => made.progress(sent / (file.size || 1)),
        {
          method: "POST",
          signal,
        },
      );
      if (!made.element.isConnected) await request("DELETE", `/api/v1/attachments/${found.id}`);
      else made.ready(found);
      say(`${made.name} is attached.`);
      if (!found.too_large_to_see) return changed();
      say(`${made.name} is too large for models to see. It goes into the workspace as it is.`);
      made.offerSmaller(() => replaceBySmaller(file, made));
    } catch (error) {
      if (signal.aborted) return;
      made.failed(error.message);
      notify(`${made.name} was not attached. ${error.message}`);
      waiting = null;
    }
    changed();
  }

  async function replaceBySmaller(file, made) {
    try {
      const { smaller } = await import("./picture-scale.js");
      const copy = await smaller(file);
      takeBack(made);
      add(copy);
    } catch (error) {
      notify(`${file.name} stays as it is. ${error.message}`);
    }
  }

  function takeBack(made) {
    made.remove();
    changed();
    text.focus();
    // One that is forgotten already is gone as well.
    if (made.id) request("DELETE", `/api/v1/attachments/${made.id}`).catch(() => {});
  }

  function changed() {
    list.hidden = !list.children.length;
    const files = [...list.querySelectorAll("[data-state=ready][data-kept]")];
    const kept = files.map((one) => one.dataset.kept);
    if (kept.length) localStorage.setItem(key, `[${kept.join()}]`);
    else localStorage.removeItem(key);
    form.dispatchEvent(new CustomEvent("vibe:attached"));
    if (!waiting || list.querySelector("[data-state=coming]")) return;
    const submitter = waiting;
    waiting = null;
    form.requestSubmit(submitter.isConnected ? submitter : form.querySelector(".send"));
  }

  // What was attached before the page was left, as far as the server still has it.
  async function restore() {
    const kept = JSON.parse(localStorage.getItem(key) ?? "[]");
    for (const one of kept) {
      const found = await request("GET", `/api/v1/attachments/${one.id}`).catch(() => null);
      if (!found || found.message_id || found.queued_id) continue;
      const made = chip({ name: one.name, size: found.size }, () => takeBack(made));
      list.append(made.element);
      made.ready(found);
    }
    if (kept.length) changed();
  }

  function say(words) {
    document.getElementById("chips-said").textContent = words;
  }
}

const isLong = (text) =>
  text.length > LONG_TEXT.characters ||
  text.split("\n", LONG_TEXT.lines + 1).length > LONG_TEXT.lines;
