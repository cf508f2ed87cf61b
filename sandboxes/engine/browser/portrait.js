// Runs in a world of its own within a page, for a picture of it: where it is scrolled to, and where
// one element stands in the whole document.
({
  scrollTo(x, y) { window.scrollTo({ left: x, top: y, behavior: "instant" }); },
  boxOf(selector) {
    const element = document.querySelector(selector);
    if (!element) return null;
    const { x, y, width, height } = element.getBoundingClientRect();
    return { x: x + scrollX, y: y + scrollY, width, height };
  },
})
