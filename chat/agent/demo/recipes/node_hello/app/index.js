const fs = require("node:fs");
const http = require("node:http");
const path = require("node:path");

const port = Number(process.env.PORT) || 3000;

const page = () => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>{{heading}}</title>
<style>
  :root { color-scheme: light dark; --size: 16px; --accent: #4f46e5; --on-accent: #ffffff; --page: light-dark(#f5f6f8, #101216); --card: light-dark(#ffffff, #191c22); --ink: light-dark(#181b21, #eceff4); --quiet: light-dark(#59616e, #a2aab7); --line: light-dark(#e0e4ea, #2c313a); --accent-ink: color-mix(in oklab, var(--accent) 74%, var(--ink)); }
  * { box-sizing: border-box; margin: 0; }
  html { font-size: var(--size); }
  body { min-height: 100vh; display: grid; grid-template-columns: minmax(0, 1fr); place-items: center; padding: 1.25rem; background: var(--page); color: var(--ink); font: 1rem/1.55 system-ui, sans-serif; }
  main { width: min(30rem, 100%); padding: clamp(1.5rem, 6vw, 2.5rem); border: 1px solid var(--line); border-radius: 16px; background: var(--card); }
  h1 { font-size: clamp(1.75rem, 7vw, 2.5rem); line-height: 1.15; letter-spacing: -.025em; text-wrap: balance; }
  .lead { margin-top: .6rem; color: var(--quiet); }
  dl { display: grid; grid-template-columns: repeat(3, 1fr); gap: 1rem; margin-top: 2rem; padding-top: 1.25rem; border-top: 1px solid var(--line); }
  dt { font-size: .8125rem; color: var(--quiet); }
  dd { font-size: 1.125rem; font-weight: 640; font-variant-numeric: tabular-nums; color: var(--accent-ink); }
  a { color: var(--accent-ink); }
  nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin-top: 1.5rem; }
  nav:empty { display: none; }
</style>
</head>
<body>
<main>
  <h1>{{heading}}</h1>
  <p class="lead">This page comes from a Node.js server in your sandbox.</p>
  <dl>
    <div><dt>Node</dt><dd>${process.version}</dd></div>
    <div><dt>Running for</dt><dd>${Math.round(process.uptime())} s</dd></div>
    <div><dt>Visits</dt><dd>${visits}</dd></div>
  </dl>
  <nav data-pages></nav>
</main>
</body>
</html>`;

let visits = 0;

function send(response, status, type, body) {
  response.writeHead(status, { "Content-Type": `${type}; charset=utf-8` });
  response.end(body);
}

const server = http.createServer((request, response) => {
  const { pathname } = new URL(request.url, "http://localhost");
  if (pathname === "/") {
    visits += 1;
    console.log(`${new Date().toISOString()} ${request.method} ${pathname}`);
    send(response, 200, "text/html", page());
    return;
  }
  // Pages beside this file: about.html is at /about.html.
  const file = path.join(__dirname, path.basename(pathname));
  if (/^\/[\w-]+\.html$/.test(pathname) && fs.existsSync(file)) {
    send(response, 200, "text/html", fs.readFileSync(file));
    return;
  }
  send(response, 404, "text/plain", "There is nothing at this address.\n");
});

server.listen(port, "0.0.0.0", () => {
  console.log(`Server is listening on port ${port}`);
});
