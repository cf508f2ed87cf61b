// A part of what sandboxes/preview/injection puts into pages, all within one function: the console,
// errors, rejections, and what a policy has refused.

const KINDS = {
  error: "error",
  warn: "warning",
  log: "log",
  info: "log",
  debug: "log",
  assert: "error",
};
for (const name of Object.keys(KINDS)) {
  const original = console[name];
  if (typeof original !== "function") continue;
  console[name] = {
    [name](...given) {
      quietly(() => {
        if (name === "assert" && given[0]) return;
        const said = name === "assert" ? ["Assertion failed:", ...given.slice(1)] : given;
        const fault = said.find((one) => one instanceof Error);
        const place = KINDS[name] === "log" ? {} : caller();
        add(
          KINDS[name],
          words(said),
          fault ? Object.assign(place, placeOf(fault.stack), { stack: fault.stack }) : place,
        );
      });
      return original.apply(this, given);
    },
  }[name];
}

addEventListener(
  "error",
  (event) =>
    quietly(() => {
      if (event.target !== window && event.target instanceof Element)
        return resourceFailed(event.target);
      const { error, message, filename, lineno, colno } = event;
      const stack = error?.stack ? String(error.stack) : "";
      add("exception", message || "Script error.", {
        source: filename || "",
        line: lineno || 0,
        column: colno || 0,
        stack,
      });
    }),
  true,
);
addEventListener("unhandledrejection", ({ reason }) =>
  quietly(() => {
    const stack = reason?.stack ? String(reason.stack) : "";
    const said = reason instanceof Error ? `${reason.name}: ${reason.message}` : shown(reason, 0);
    add("rejection", said, Object.assign(placeOf(stack), { stack }));
  }),
);
addEventListener("securitypolicyviolation", (event) =>
  quietly(() => {
    const { blockedURI } = event;
    const what = blockedURI === "inline" ? "a script within it" : blockedURI || "something";
    const only = event.disposition === "report" ? " (only reported)" : "";
    add("csp", `The page's policy refuses ${what}: ${event.effectiveDirective}${only}`, {
      source: event.sourceFile || "",
      line: event.lineNumber || 0,
      column: event.columnNumber || 0,
      url: what,
    });
  }),
);
