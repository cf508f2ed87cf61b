// How xterm.js looks: the page's own colours, and styles that the page's policy allows.

const ANSI = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

/** The theme in the colours of the tokens, as they are now. */
export function theme() {
  const probe = document.createElement("span");
  probe.hidden = true;
  document.body.append(probe);
  const pen = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext(
    "2d",
    { willReadFrequently: true },
  );
  const colour = (token) => {
    probe.style.color = `var(--${token})`;
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = getComputedStyle(probe).color;
    pen.fillRect(0, 0, 1, 1);
    return `#${[...pen.getImageData(0, 0, 1, 1).data.slice(0, 3)].map((part) => part.toString(16).padStart(2, "0")).join("")}`;
  };
  const found = {
    background: colour("surface"),
    foreground: colour("text"),
    cursor: colour("accent"),
    cursorAccent: colour("surface"),
    selectionBackground: colour("accent-line"),
  };
  for (const name of ANSI) {
    found[name] = colour(`ansi-${name}`);
    found[`bright${name[0].toUpperCase()}${name.slice(1)}`] = found[name];
  }
  probe.remove();
  return found;
}

/** Call `changed` whenever the page gets another theme. */
export function onTheme(changed) {
  new MutationObserver(changed).observe(document.documentElement, {
    attributeFilter: ["data-theme"],
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
}

export function font() {
  return getComputedStyle(document.documentElement).getPropertyValue("--mono").trim();
}

export function loadStyles() {
  if (document.getElementById("xterm-styles")) return;
  const link = Object.assign(document.createElement("link"), {
    id: "xterm-styles",
    rel: "stylesheet",
  });
  link.href = new URL("../vendor/xterm/xterm.css", import.meta.url).href;
  document.head.append(link);
}

/** Run `open`, letting the style elements that it makes bear the page's nonce. */
export function withNonce(open) {
  const nonce = document.querySelector("script[nonce]").nonce;
  const create = document.createElement;
  document.createElement = function (name, options) {
    const element = create.call(this, name, options);
    if (name === "style") element.nonce = nonce;
    return element;
  };
  try {
    open();
  } finally {
    delete document.createElement;
  }
}

// xterm.js sets colours beyond its palette by the attribute, which the policy forbids; the same
// words set through the object model are allowed.
const setAttribute = Element.prototype.setAttribute;
Element.prototype.setAttribute = function (name, value) {
  if (name === "style" && this instanceof HTMLElement) this.style.cssText = value;
  else setAttribute.call(this, name, value);
};
