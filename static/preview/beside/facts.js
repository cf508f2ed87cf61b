// A part of the page beside the app's frame: what is to be said of one of the app's elements.

const SHOWN_STYLES = [
  "color",
  "background-color",
  "font-size",
  "font-weight",
  "font-family",
  "line-height",
  "text-align",
  "display",
  "padding",
  "margin",
  "border",
  "border-radius",
  "gap",
  "opacity",
];
const MOST_ATTRIBUTES = 24;
const part = (value, most) => String(value ?? "").slice(0, most);
const squeezed = (text) => text.replace(/\s+/g, " ").trim();

/** Its own text, up to its first child element. */
function textOf(element) {
  let text = "";
  for (const node of element.childNodes) {
    if (node.nodeType === 1) break;
    if (node.nodeType === 3) text += node.data;
    if (text.length > 4000) break;
  }
  return part(squeezed(text), 1000);
}

function attributesOf(element) {
  const found = {};
  for (const { name, value } of [...element.attributes].slice(0, MOST_ATTRIBUTES))
    if (name.length <= 60) found[name] = part(value, 400);
  return found;
}

function selectorOf(element) {
  const page = element.ownerDocument;
  const isOnly = (selector) => page.querySelectorAll(selector).length === 1;
  const steps = [];
  for (let one = element; one?.parentElement && steps.length < 12; one = one.parentElement) {
    if (one.id && isOnly(`#${CSS.escape(one.id)}`)) {
      steps.unshift(`#${CSS.escape(one.id)}`);
      break;
    }
    const same = [...one.parentElement.children].filter((other) => other.tagName === one.tagName);
    const nth = same.length > 1 ? `:nth-of-type(${same.indexOf(one) + 1})` : "";
    steps.unshift(CSS.escape(one.localName) + nth);
    if (isOnly(steps.join(" > "))) break;
  }
  return part(steps.join(" > ") || element.localName, 1000);
}

function chainOf(element) {
  const chain = [];
  for (let one = element.parentElement; one && chain.length < 6; one = one.parentElement)
    chain.push({ tag: one.localName, id: part(one.id, 400), classes: classesOf(one) });
  return chain;
}

const classesOf = (element) => part(element.getAttribute("class"), 400);

/** Which it is of the page's elements that are like it, and how many those are. */
function rankOf(element, text) {
  const classes = classesOf(element);
  const all = [...element.ownerDocument.getElementsByTagName(element.localName)].slice(0, 5000);
  const alike = all.filter((one) => classesOf(one) === classes && textOf(one) === text);
  return { rank: Math.max(0, alike.indexOf(element)), alike: Math.max(1, alike.length) };
}

function factsOf(frame, element) {
  const text = textOf(element);
  const said = frame.getComputedStyle(element);
  const style = {};
  for (const name of SHOWN_STYLES) style[name] = part(said.getPropertyValue(name), 200);
  const { x, y, width, height } = element.getBoundingClientRect();
  const [left, top, wide, high] = [x, y, width, height].map(Math.round);
  const siblings = [...(element.parentElement?.children ?? [element])];
  const same = siblings.filter((one) => one.tagName === element.tagName);
  return {
    tag: part(element.localName, 60),
    path: part(pathOf(frame), 2000),
    attributes: attributesOf(element),
    text,
    only_text: !element.childElementCount,
    nth: Math.max(1, same.indexOf(element) + 1),
    ...rankOf(element, text),
    chain: chainOf(element),
    selector: selectorOf(element),
    style,
    size: `${wide} × ${high} px at ${left}, ${top} of ${frame.innerWidth} × ${frame.innerHeight}`,
  };
}

/** How the app is looked at, for a picture of it. */
function viewOf(frame) {
  const { innerWidth: width, innerHeight: height, scrollX, scrollY } = frame;
  return { path: part(pathOf(frame), 2000), width, height, scroll_x: scrollX, scroll_y: scrollY };
}
