// Copy and save buttons.

import { notify } from "./notices.js";

const EXTENSIONS = {
  bash: "sh",
  sh: "sh",
  shell: "sh",
  python: "py",
  py: "py",
  javascript: "js",
  js: "js",
  typescript: "ts",
  ts: "ts",
  html: "html",
  css: "css",
  json: "json",
  yaml: "yml",
  yml: "yml",
  go: "go",
  rust: "rs",
  sql: "sql",
  markdown: "md",
  jsx: "jsx",
  tsx: "tsx",
};

export async function copyText(text, button) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without a secure context there is no clipboard API; the old way still works there.
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "visually-hidden";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    if (!done) return notify("The browser does not allow copying here.");
  }
  if (!button) return;
  if (button.classList.contains("icon-only")) notify("Copied.", "info");
  else flash(button, "Copied");
}

export function copyFrom(event) {
  const button = event.target.closest(
    "[data-copy], [data-copy-from], [data-copy-code], [data-save-code]",
  );
  if (!button) return;
  if (button.hasAttribute("data-save-code")) return saveCode(button.closest("figure"));
  if (button.dataset.copy !== undefined) copyText(button.dataset.copy, button);
  else if (button.dataset.copyFrom)
    copyText(document.querySelector(button.dataset.copyFrom).textContent, button);
  else copyText(button.closest("figure").querySelector("code").textContent, button);
}

function saveCode(figure) {
  const blob = new Blob([figure.querySelector("code").textContent], { type: "text/plain" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `snippet.${EXTENSIONS[figure.dataset.language] ?? "txt"}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function flash(button, word) {
  const node = [...button.childNodes].findLast(
    (child) => child.nodeType === Node.TEXT_NODE && child.data.trim(),
  );
  if (!node || node.data === word) return;
  const before = node.data;
  node.data = word;
  setTimeout(() => {
    node.data = before;
  }, 1500);
}
