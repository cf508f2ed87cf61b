// Notices in the corner of the page, made here when the server could not make them.

export function notify(text, tone = "error") {
  const box = document.getElementById("notices");
  for (const old of box.children) if (old.dataset.text === text) old.remove();
  const notice = document.createElement("div");
  notice.className = "notice";
  notice.dataset.tone = tone;
  notice.dataset.text = text;
  if (tone === "error") notice.setAttribute("role", "alert");
  const words = document.createElement("p");
  words.textContent = text;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button ghost small";
  button.dataset.dismiss = "";
  button.textContent = "Dismiss";
  notice.append(words, button);
  box.append(notice);
  if (tone !== "error") setTimeout(() => notice.remove(), 4000);
}
