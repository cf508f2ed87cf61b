// Elements that scripts make: of a class, with text, with an icon, that do something.

export function element(tag, css = "", text = "") {
  const made = document.createElement(tag);
  if (css) made.className = css;
  if (text) made.textContent = text;
  return made;
}

export function button(css, text, act) {
  const made = element("button", css, text);
  made.type = "button";
  if (act) made.addEventListener("click", act);
  return made;
}

export function icon(name, css = "small") {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", `icon ${css}`);
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${new URL("../icons/sprite.svg", import.meta.url).pathname}#${name}`);
  svg.append(use);
  return svg;
}
