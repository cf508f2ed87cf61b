// Which file of the workspace a script of the app comes from, as far as its address says.

import { versionOf } from "./file-content.js";

// Where servers keep what they serve at the top.
const ROOTS = ["", "public/", "src/", "static/", "app/", "dist/", "templates/"];
const BUNDLED = /^webpack-internal:\/\/\/(?:\([^)]*\)\/)?\.?\/?/;

/** `{name, file()}` of an entry's source: how it is called, and its path if it is there; else null. */
export function sourceOf({ source, line }, origin) {
  const path = source && line ? pathOf(source, origin) : "";
  if (!path) return null;
  return { name: path.split("/").at(-1), file: () => find(path) };
}

function pathOf(source, origin) {
  if (BUNDLED.test(source)) return clean(source.replace(BUNDLED, ""));
  let address;
  try {
    address = new URL(source);
  } catch {
    return "";
  }
  if (address.origin !== origin) return "";
  // Vite names files outside the root by their whole path.
  const path = decoded(address.pathname).replace(/^\/(?:@fs\/)?(?:vercel\/sandbox\/)?/, "");
  return clean(!path || path.endsWith("/") ? `${path}index.html` : path);
}

function decoded(path) {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

const clean = (path) => (path.split("/").includes("..") ? "" : path.split("?")[0].slice(0, 300));

async function find(path) {
  const { sandbox } = document.getElementById("preview-bar").dataset;
  for (const root of ROOTS) {
    try {
      if (await versionOf(sandbox, root + path)) return root + path;
    } catch {
      return "";
    }
  }
  return "";
}
