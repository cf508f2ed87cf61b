// Notices in the corner of the page, made here when the server could not make them.

import { button, element } from "./elements.js";

export function notify(text, tone = "error") {
  const box = document.getElementById("notices");
  for (const old of box.children) if (old.dataset.text === text) old.remove();
  const notice = element("div", "notice");
  notice.dataset.tone = tone;
  notice.dataset.text = text;
  if (tone === "error") notice.setAttribute("role", "alert");
  const dismiss = button("button ghost small", "Dismiss");
  dismiss.dataset.dismiss = "";
  notice.append(element("p", "", text), dismiss);
  box.append(notice);
  if (tone !== "error") setTimeout(() => notice.remove(), 4000);
}
