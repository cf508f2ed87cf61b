// Loaded before a program (node --require): sends what the Vercel Sandbox clients ask of vercel.com
// to the Vibe server at VIBE_VERCEL_URL, and what they ask of PORT-SANDBOX.vercel.run to its
// preview, whose address is VIBE_VERCEL_PREVIEW with PORT-SANDBOX in it. The clients know no more
// than a pass that is worth nothing: here it is exchanged for the token, in requests to that server,
// and whatever would take either of them elsewhere is stopped.
"use strict";

const dns = require("node:dns");
const http = require("node:http");
const https = require("node:https");
const { syncBuiltinESMExports } = require("node:module");

const addresses = require("./addresses.cjs");

const base = process.env.VIBE_VERCEL_URL?.replace(/\/+$/, "");
const preview = process.env.VIBE_VERCEL_PREVIEW;
const token = process.env.VIBE_VERCEL_TOKEN;
const pass = process.env.VERCEL_OIDC_TOKEN;
const API = /^https:\/\/(?:vercel\.com\/api|api\.vercel\.com)(?=\/|$)/i;
const ROUTE = /^https:\/\/([a-z0-9-]+)\.vercel\.run(?=[/?#]|$)/;
const KEY = /\bvibe_[A-Za-z0-9]{40}\b/;
const ONCE = Symbol.for("vibe.vercel.redirect");

function redirected(url) {
  if (API.test(url)) return url.replace(API, base);
  const route = ROUTE.exec(url);
  if (route && preview)
    return url.replace(ROUTE, preview.replace("PORT-SANDBOX", route[1]).replace(/\/+$/, ""));
  // The command line asks the terminal's host for its health, by https and without its port.
  const host = new URL(base).hostname;
  return url === `https://${host}/health` ? `${base}/health` : url;
}

const isSecret = (text) =>
  [token, pass].some((secret) => secret && text.includes(secret)) || KEY.test(text);

/** Whether the address is the API of the server, which alone may see the token. */
function isServer(url) {
  const server = new URL(base);
  const asked = new URL(url);
  return asked.origin === server.origin && `${asked.pathname}/`.startsWith(`${server.pathname}/`);
}

function refusal(url) {
  return new TypeError(
    `Stopped by Vibe: this request would take its token to ${new URL(url).host}. ` +
      `It is for ${base} alone; give other services a key of their own.`,
  );
}

/** The headers as they go to `url`; null when they can stay as they are. */
function exchanged(headers, url) {
  if (isSecret(url)) throw refusal(url);
  const held = [...headers].filter(([, value]) => isSecret(value));
  if (!held.length) return null;
  if (!isServer(url)) throw refusal(url);
  const changed = new Headers(headers);
  // The one header that is left out where the server leads to another.
  const shown = changed.get("authorization");
  if (shown && pass && token) changed.set("authorization", shown.replaceAll(pass, token));
  return changed;
}

function install() {
  const fetch = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const request = input instanceof Request ? input : null;
    const asked = request ? request.url : String(input);
    const url = redirected(asked);
    if (!/^https?:/i.test(url)) return fetch(input, init); // data:, or an address that is none
    const headers = exchanged(new Headers(init?.headers ?? request?.headers), url);
    const rest = headers ? { ...init, headers } : init;
    if (url === asked) return fetch(input, rest);
    return fetch(request ? new Request(url, request) : url, rest);
  };

  for (const [module, scheme] of [[http, "http:"], [https, "https:"]]) {
    const { request } = module;
    module.request = (...words) => {
      const made = request(...words);
      const url = `${made.protocol ?? scheme}//${made.getHeader("host") ?? made.host}${made.path}`;
      const check = (values) => {
        if (values.map(String).some(isSecret) && !isServer(url)) made.destroy(refusal(url));
      };
      const { setHeader } = made;
      made.setHeader = (name, value) => {
        check([value].flat());
        return setHeader.call(made, name, value);
      };
      check([made.path, ...Object.values(made.getHeaders()).flat()]);
      return made;
    };
    module.get = (...words) => {
      const made = module.request(...words);
      made.end();
      return made;
    };
  }

  // Names below localhost are this machine, also where its resolver does not know that.
  const { lookup } = dns;
  dns.lookup = (name, ...rest) =>
    lookup(String(name).endsWith(".localhost") ? "127.0.0.1" : name, ...rest);
  syncBuiltinESMExports();
}

if (base && !globalThis[ONCE]) {
  globalThis[ONCE] = true;
  addresses.install();
  install();
}
