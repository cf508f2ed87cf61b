// What stands below a log: how its command stands, and copy, download, send to chat, stop, again.

import { copyText } from "./copy.js";
import { button, element, icon } from "./elements.js";
import { request } from "./http.js";
import { linkTo } from "./log-links.js";
import { notify } from "./notices.js";
import { duration, size } from "./units.js";

const QUOTED_LINES = 80;

/** The row below: how the command stands, and what can be done with it. */
export function buildFoot(view) {
  const foot = element("div", "log-foot");
  foot.append(element("span", "log-state"), element("span", "log-word grow"));
  foot.selected = () => {};
  const copy = action("copy", "Copy", () => copyText(view.text(), copy));
  foot.append(copy);
  if (view.dataset.size !== "large") return foot;
  const link = action("external-link", "Copy link", () =>
    copyText(linkTo(view.dataset.command, view.selection), link),
  );
  link.hidden = true;
  const download = element("a", "button ghost small");
  download.append(icon("download"), element("span", "wide-only", "Download"));
  download.title = "Download all of it as text";
  download.setAttribute("aria-label", "Download all of it as text");
  download.addEventListener("click", () => {
    download.href = `/commands/${view.dataset.command}/log/`;
  });
  download.href = "#";
  const quote = action("message-square", "Send to chat", () => quoteLines(view));
  quote.hidden = !document.getElementById("message");
  const stop = action("circle-stop", "Stop command", () => act(view, "stop"));
  stop.dataset.when = "running";
  const again = action("rotate-ccw", "Run again", () => act(view, "again"));
  again.dataset.when = "ended";
  foot.append(link, download, quote, stop, again);
  foot.selected = (lines) => {
    link.hidden = !lines;
    copy.title = copy.lastChild.textContent = !lines
      ? "Copy"
      : lines[1] > lines[0]
        ? `Copy ${lines[1] - lines[0] + 1} lines`
        : "Copy line";
  };
  return foot;
}

/** Put the marked or the last lines into the message that one writes. */
function quoteLines(view) {
  const message = document.getElementById("message");
  const lines = view.text().split("\n").slice(-QUOTED_LINES);
  const title = document.querySelector("#commands li[data-selected] > a")?.title ?? "the command";
  const fence = lines.some((line) => line.includes("```")) ? "````" : "```";
  const quoted = `Output of \`${title.replaceAll("`", "'")}\`:\n${fence}\n${lines.join("\n").trimEnd()}\n${fence}\n`;
  message.value = message.value ? `${message.value.trimEnd()}\n\n${quoted}` : quoted;
  message.dispatchEvent(new Event("input", { bubbles: true }));
  document.querySelector('[data-show="chat"]')?.click();
  message.focus();
}

async function act(view, verb) {
  try {
    const said = await request("POST", `/commands/${view.dataset.command}/${verb}/`);
    if (verb !== "again") return;
    if (document.getElementById("commands"))
      document.dispatchEvent(
        new CustomEvent("vibe:select-command", { detail: { command: said.command } }),
      );
    else location.href = `/commands/${said.command}/`;
  } catch (error) {
    notify(error.message);
  }
}

function action(name, words, run) {
  const made = button("button ghost small", "", run);
  made.append(icon(name), element("span", "wide-only", words));
  made.title = words;
  return made;
}

/** How a command ended, in words: `exit 0 · 3.2 s · 12.0 kB`. */
export function endingWords(ending) {
  const removed = ending.removed_at
    ? `log removed on ${new Date(ending.removed_at).toLocaleDateString()}`
    : "";
  return [ending.outcome, duration(ending.duration), size(ending.log_size), removed]
    .filter(Boolean)
    .join(" · ");
}
