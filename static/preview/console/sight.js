// A part of what sandboxes/preview/injection puts into pages, all within one function: whether there
// is anything to see, and how the page itself was answered.

// Whether there is anything to see: text, a picture, a field, or a surface that has a colour.
function isBlank() {
  const { body } = document;
  if (!body) return !document.documentElement?.childElementCount;
  // biome-ignore lint/performance/useDomNodeTextContent: what a script or a hidden element holds shows nothing.
  if (body.innerText.trim()) return false;
  let looked = 0;
  for (const one of body.getElementsByTagName("*")) {
    looked += 1;
    if (looked > 500) return false;
    if (one.shadowRoot) return false;
    const { width, height } = one.getBoundingClientRect();
    if (!width || !height) continue;
    if (
      /^(img|svg|canvas|video|iframe|input|textarea|button|object|embed|select)$/.test(
        one.localName,
      )
    )
      return false;
    const { backgroundColor, backgroundImage, borderTopStyle, boxShadow } = getComputedStyle(one);
    const isClear =
      /^(transparent|rgba\(0, 0, 0, 0\))$/.test(backgroundColor) && backgroundImage === "none";
    if (!isClear || borderTopStyle !== "none" || boxShadow !== "none") return false;
  }
  return getComputedStyle(body).backgroundImage === "none";
}

// Milliseconds after which a page that still loads is looked at all the same.
const LOADING = 6000;
let wasBlank = false;
let looks = 0;
function look() {
  looks += 1;
  const blank = quietly(isBlank) || false;
  if (blank !== wasBlank || (blank && looks === 1)) tell({ blank });
  wasBlank = blank;
  // What is blank is looked at on; what shows something may lose it soon after.
  if (blank || looks < 4) later(look, blank && looks > 30 ? 5000 : 1000);
}

function loaded() {
  const [page] = performance.getEntriesByType("navigation");
  const status = page?.responseStatus || 0;
  if (status >= 400)
    add("request", `GET ${location.href} answered ${status}`, {
      url: location.href,
      method: "GET",
      status,
    });
  later(look, 1500);
}
