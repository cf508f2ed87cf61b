// A part of what sandboxes/preview/injection puts into pages, all within one function: what a page
// gives to its console, as text.

function shown(value, depth) {
  if (typeof value === "string") return depth ? JSON.stringify(value.slice(0, 500)) : value;
  if (typeof value === "function") return `function ${value.name}`;
  if (typeof value !== "object" || value === null) return String(value);
  if (value instanceof Error)
    return depth ? `${value.name}: ${value.message}` : value.stack || String(value);
  if (value instanceof Element) return `<${value.localName}${value.id ? `#${value.id}` : ""}>`;
  const isList = Array.isArray(value);
  if (depth > 1) return isList ? `Array(${value.length})` : "{...}";
  const keys = Object.keys(value);
  const parts = keys.slice(0, 20).map((key) => {
    const { value: inner, get } = Object.getOwnPropertyDescriptor(value, key);
    return (isList ? "" : `${key}: `) + (get ? "(...)" : shown(inner, depth + 1));
  });
  if (keys.length > 20) parts.push("...");
  const name =
    value.constructor && value.constructor !== Object && !isList
      ? `${value.constructor.name} `
      : "";
  return isList ? `[${parts.join(", ")}]` : `${name}{${parts.join(", ")}}`;
}

function words(given) {
  const values = given.slice(0, 20);
  let text = "";
  if (typeof values[0] === "string" && values.length > 1) {
    text = values.shift().replace(/%([sdifoOc%])/g, (whole, letter) => {
      if (letter === "%" || !values.length) return whole;
      const value = values.shift();
      return letter === "c" ? "" : String(quietly(() => shown(value, letter === "s" ? 0 : 1)));
    });
  }
  const rest = values.map((value) => quietly(() => shown(value, 0)) || "?");
  return (text ? [text, ...rest] : rest).join(" ");
}

// The first line of a stack that is not this script's own: "file:line:column" at its end.
function placeOf(stack) {
  const lines = String(stack || "")
    .split("\n")
    .filter((line) => /:\d+:\d+\)?$/.test(line));
  const found =
    lines[0] && /((?:https?|webpack-internal|file|blob)[^\s()]*):(\d+):(\d+)\)?$/.exec(lines[0]);
  return found ? { source: found[1], line: Number(found[2]), column: Number(found[3]) } : {};
}

function caller() {
  const lines = String(new Error().stack || "")
    .split("\n")
    .filter((line) => /:\d+:\d+\)?$/.test(line));
  // The first four of them are of this script, from here to what took the console's place.
  const rest = lines.slice(4).join("\n");
  return Object.assign({ stack: rest }, placeOf(rest));
}
