// Makes static/vendor/codemirror: `cd .ci/codemirror && npm ci --ignore-scripts && node build.mjs`.
// The same packages give the same bytes; the VENDOR file says which, with licences and digests.

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const HERE = import.meta.dirname;
const TARGET = join(HERE, "../../static/vendor/codemirror");
const BUNDLE = "codemirror.min.js";
const MOST = 200_000; // bytes, compressed

const made = await build({
  absWorkingDir: HERE,
  entryPoints: ["bundle.js"],
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  metafile: true,
  write: false,
  outfile: BUNDLE,
});
const code = made.outputFiles[0].contents;
const weight = gzipSync(code, { level: 9 }).length;
if (weight > MOST) throw new Error(`${BUNDLE} weighs ${weight} bytes compressed, over ${MOST}.`);

const names = new Set(
  Object.keys(made.metafile.inputs)
    .map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1])
    .filter(Boolean),
);
const packages = [...names].sort().map((name) => {
  const folder = join(HERE, "node_modules", name);
  const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  if (license !== "MIT") throw new Error(`${name} is under ${license}: look at what that asks.`);
  return { name, version, terms: readFileSync(join(folder, "LICENSE"), "utf8").trim() };
});
const texts = new Map();
for (const { name, terms } of packages) texts.set(terms, [...(texts.get(terms) ?? []), name]);
const licence = [...texts]
  .map(([terms, of]) => `${of.join(", ")}:\n\n${terms}\n`)
  .join("\n\n");

const digest = (bytes) => createHash("sha256").update(bytes).digest("hex");
const vendor = `name: CodeMirror 6
version: ${packages.map(({ name, version }) => `${name}@${version}`).join("\n  ")}
licence: MIT (LICENSE)
source: those npm packages, bundled by esbuild as .ci/codemirror/build.mjs says
sha256:
  ${digest(code)}  ${BUNDLE}
  ${digest(licence)}  LICENSE
`;
mkdirSync(TARGET, { recursive: true });
writeFileSync(join(TARGET, BUNDLE), code);
writeFileSync(join(TARGET, "LICENSE"), licence);
writeFileSync(join(TARGET, "VENDOR"), vendor);
console.log(`${BUNDLE}: ${code.length} bytes, ${weight} compressed`);
