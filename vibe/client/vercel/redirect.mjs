// Loaded before a program (node --import): sends what the Vercel Sandbox clients ask of vercel.com
// to the Vibe server at VIBE_VERCEL_URL, and what they ask of PORT-SANDBOX.vercel.run to its
// preview, whose address is VIBE_VERCEL_PREVIEW with PORT-SANDBOX in it.
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
    if (input instanceof Request) {
      const url = redirected(input.url);
      return url === input.url ? original(input, init) : send(url, new Request(url, input), init);
    }
    const url = redirected(String(input));
    return send(url, url, init);
  };

  // Names below localhost are this machine, also where its resolver does not know that.
  function send(url, target, init) {
    const parsed = new URL(url);
    if (!parsed.hostname.endsWith(".localhost")) return original(target, init);
    const headers = new Headers(init?.headers ?? (target instanceof Request ? target.headers : {}));
    headers.set("host", parsed.host);
    parsed.hostname = "127.0.0.1";
    const local = target instanceof Request ? new Request(parsed, target) : parsed.href;
    return original(local, { ...init, headers });
  }
}
