// A part of what sandboxes/preview/injection puts into pages, all within one function: the workbench
// in whose frame the page is. It comes last.

addEventListener("message", (event) => {
  const { source, origin, data } = event;
  if (source !== parent || !data || data.to !== "preview") return;
  // Of the platform's own name, whose port a proxy before it may choose.
  if (new URL(origin).hostname !== "WORKBENCH") return;
  event.stopImmediatePropagation();
  if (!meet(origin)) return;
  tellPath();
  if (document.readyState === "complete") loaded();
  else {
    addEventListener("load", loaded);
    later(() => document.readyState === "complete" || look(), LOADING);
  }
});
// Who has the frame is not known before it answers; this says nothing.
post({ from: "preview", ready: true }, "*");
