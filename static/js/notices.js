// Notices in the corner of the page, made here when the server could not make them.

import { button, element } from "./elements.js";

/** The page may show nothing new: its person was signed out, here or elsewhere. */
export function notifySignedOut() {
  const link = element("a", "", "Sign in");
  link.href = `/sign-in/?next=${encodeURIComponent(location.pathname + location.search)}`;
  notify("You have been signed out.", "warning", link);
}

const weight = (notice) => (["error", "danger", "warning"].includes(notice.dataset.tone) ? 1 : 0);

/** One at a time: the newest, unless an older one is a failure and it is none. */
function keepOne(box) {
  const notices = [...box.querySelectorAll(".notice")];
  const kept = notices.reduce((best, next) => (weight(next) >= weight(best) ? next : best));
  for (const notice of notices) if (notice !== kept) notice.remove();
}

export function startNotices() {
  const box = document.getElementById("notices");
  if (!box) return;
  new MutationObserver(() => {
    if (box.querySelectorAll(".notice").length > 1) keepOne(box);
  }).observe(box, { childList: true });
}

export function notify(text, tone = "error", link = null) {
  const box = document.getElementById("notices");
  for (const old of box.children) if (old.dataset.text === text) old.remove();
  const notice = element("div", "notice");
  notice.dataset.tone = tone;
  notice.dataset.text = text;
  if (tone === "error") notice.setAttribute("role", "alert");
  const dismiss = button("button ghost small", "Dismiss");
  dismiss.dataset.dismiss = "";
  notice.append(element("p", "", text), ...(link ? [link] : []), dismiss);
  box.append(notice);
  if (tone !== "error" && !link) setTimeout(() => notice.remove(), 4000);
}
