// Has domain() of the JavaScript client give the address that the server told it of. The client makes
// one up, https://SUBDOMAIN.vercel.run, which only requests of this process could be led away from,
// and no browser. What stands in between is one expression, which bundlers and minifiers keep: it is
// changed in the text of a module while it is loaded.
"use strict";

const Module = require("node:module");
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const vm = require("node:vm");

const MARK = ".vercel.run";
const ROUTE = String.raw`([\w$]+(?:\.[\w$]+)*)\.subdomain`;
// A quote within a string, as bundlers of development servers write a module, has a backslash.
const QUOTE = String.raw`(\\?["'])`;
const FORMS = [
  // `https://${route.subdomain}.vercel.run`
  [String.raw`\x60https:\/\/\$\{\s*${ROUTE}\s*\}\.vercel\.run\x60`, "($1.url)"],
  // "https://".concat(route.subdomain, ".vercel.run")
  [String.raw`${QUOTE}https:\/\/\1\.concat\(\s*${ROUTE}\s*,\s*\1\.vercel\.run\1\s*\)`, "($2.url)"],
  // "https://" + route.subdomain + ".vercel.run"
  [String.raw`${QUOTE}https:\/\/\1\s*\+\s*${ROUTE}\s*\+\s*\1\.vercel\.run\1`, "($2.url)"],
].map(([form, instead]) => [new RegExp(form, "g"), instead]);

function holdsMark(source) {
  if (typeof source === "string") return source.includes(MARK);
  if (ArrayBuffer.isView(source))
    return Buffer.from(source.buffer, source.byteOffset, source.byteLength).includes(MARK);
  return source instanceof ArrayBuffer && Buffer.from(source).includes(MARK);
}

/** The source of a module, a string or bytes, with the server's addresses in the client's place. */
function changed(source) {
  if (!holdsMark(source)) return source;
  const text = typeof source === "string" ? source : Buffer.from(source).toString();
  return FORMS.reduce((now, [form, instead]) => now.replace(form, instead), text);
}

/** Change whatever this process loads from now on: by require, by import, and in contexts. */
function install() {
  const { _compile } = Module.prototype;
  Module.prototype._compile = function (content, ...rest) {
    return _compile.call(this, changed(content), ...rest);
  };
  vm.Script = class Script extends vm.Script {
    constructor(code, options) {
      super(changed(code), options);
    }
  };
  for (const name of ["compileFunction", "runInContext", "runInNewContext", "runInThisContext"]) {
    const plain = vm[name];
    vm[name] = (code, ...rest) => plain(changed(code), ...rest);
  }
  // Imports pass here: in this thread, or with an older Node.js in one that they all ask.
  if (Module.registerHooks) {
    Module.registerHooks({
      load(url, context, next) {
        const loaded = next(url, context);
        return { ...loaded, source: changed(loaded.source) };
      },
    });
  } else Module.register?.(pathToFileURL(path.join(__dirname, "addresses.mjs")));
}

module.exports = { changed, install };
