// The thread sticks to its end until one scrolls up; then a button leads back.

export function startScroll() {
  const box = document.getElementById("thread-scroll");
  const thread = document.getElementById("thread");
  const latest = document.getElementById("latest");
  let stuck = true;

  const atEnd = () => box.scrollHeight - box.scrollTop - box.clientHeight < 40;
  const toEnd = () => {
    box.scrollTop = box.scrollHeight;
  };
  // Earlier messages come in above, in the place of the link: what one reads stays where it is.
  const isEarlier = (event) => event.detail?.ctx?.sourceElement?.closest?.("#earlier");
  let before = null;
  document.addEventListener("htmx:before:swap", (event) => {
    // Other swaps are many, and to measure makes the browser lay out the page.
    if (isEarlier(event)) before = { height: box.scrollHeight, top: box.scrollTop };
  });
  document.addEventListener("htmx:after:swap", () => {
    if (!before) return;
    const grown = box.scrollHeight - before.height;
    if (grown > 0 && box.scrollTop === before.top) box.scrollTop += grown;
    before = null;
  });
  const stick = (value) => {
    stuck = value;
    latest.hidden = value;
  };

  toEnd();
  box.addEventListener(
    "wheel",
    (event) => {
      if (event.deltaY < 0 && box.scrollHeight > box.clientHeight) stick(false);
    },
    { passive: true },
  );
  box.addEventListener(
    "scroll",
    () => {
      if (atEnd()) stick(true);
      else if (!growing) stick(false);
    },
    { passive: true },
  );
  latest.addEventListener("click", () => {
    stick(true);
    toEnd();
  });
  document.addEventListener("vibe:sent", () => {
    stick(true);
    toEnd();
  });

  // A scroll event that growth itself causes is not the reader's.
  let growing = false;
  new ResizeObserver(() => {
    if (!stuck) return;
    growing = true;
    toEnd();
    requestAnimationFrame(() => {
      growing = false;
    });
  }).observe(thread);
  new ResizeObserver(() => {
    if (stuck) toEnd();
  }).observe(box);

  return { isStuck: () => stuck };
}
