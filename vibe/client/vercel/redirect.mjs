// Loaded before a program (node --import): sends what the Vercel Sandbox clients ask of vercel.com
// to the Vibe server at VIBE_VERCEL_URL, and what they ask of PORT-SANDBOX.vercel.run to its
// preview, whose address is VIBE_VERCEL_PREVIEW with PORT-SANDBOX in it.
import dns from "node:dns";

const base = process.env.VIBE_VERCEL_URL?.replace(/\/+$/, "");
const preview = process.env.VIBE_VERCEL_PREVIEW;
const API = /^https:\/\/(?:vercel\.com\/api|api\.vercel\.com)(?=\/|$)/;
const ROUTE = /^https:\/\/([a-z0-9-]+)\.vercel\.run(?=[/?#]|$)/;

export function redirected(url) {
  if (API.test(url)) return url.replace(API, base);
  const route = ROUTE.exec(url);
  if (route && preview)
    return url.replace(ROUTE, preview.replace("PORT-SANDBOX", route[1]).replace(/\/+$/, ""));
  // The command line asks the terminal's host for its health, by https and without its port.
  const host = new URL(base).hostname;
  return url === `https://${host}/health` ? `${base}/health` : url;
}

if (base) {
  const original = globalThis.fetch;
  globalThis.fetch = (input, init) => {
    if (!(input instanceof Request)) return original(redirected(String(input)), init);
    const url = redirected(input.url);
    return original(url === input.url ? input : new Request(url, input), init);
  };

  // Names below localhost are this machine, also where its resolver does not know that.
  const lookup = dns.lookup;
  dns.lookup = (name, ...rest) =>
    lookup(String(name).endsWith(".localhost") ? "127.0.0.1" : name, ...rest);
}
