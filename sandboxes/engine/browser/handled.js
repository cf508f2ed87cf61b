// Called on an element in the page's own world: "own" for one that does something when it is
// pressed, "react" where React alone would know, which it says itself, else "".
function () {
  for (let one = this; one; one = one.parentElement) {
    for (const key of Object.keys(one)) {
      if (key.startsWith("__reactProps$")) {
        for (const name of ["onClick", "onMouseDown", "onPointerDown", "onPointerUp", "onChange"])
          if (typeof one[key]?.[name] === "function") return "own";
      }
      if (key === "__click" || key === "_vei" || key.startsWith("__on")) return "own";
    }
    for (const { name } of one.attributes ?? [])
      if (/^(hx-|data-hx-|x-on|@|data-action|onclick|phx-click|ng-click|wire:click)/.test(name)) return "own";
    if (/^(A|SUMMARY|LABEL|DETAILS|DIALOG)$/.test(one.tagName) && one !== this) return "own";
  }
  const self = this;
  if (self.popoverTargetElement || self.getAttribute("command") || self.type === "reset") return "own";
  return [...document.querySelectorAll("*")].some((one) =>
    Object.keys(one).some((key) => /^(__reactContainer|_reactRootContainer)/.test(key))) ? "react" : "";
}
