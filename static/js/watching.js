// Whether elements are seen, and how large they are: one observer for all of them. A long thread has
// hundreds of logs, and browsers ask each observer at every frame.

const IN_VIEW = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) target.seen(isIntersecting);
});
const SIZES = new ResizeObserver((entries) => {
  for (const { target } of entries) target.resized();
});

/** From here on `element.seen(visible)` and `element.resized()` are called. */
export function watch(element) {
  IN_VIEW.observe(element);
  SIZES.observe(element);
}

export function unwatch(element) {
  IN_VIEW.unobserve(element);
  SIZES.unobserve(element);
}
