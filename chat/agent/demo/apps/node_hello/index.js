const http = require("node:http");

const port = Number(process.env.PORT) || 3000;

const page = () => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{heading}}</title>
<style>
  :root { color-scheme: light dark; --accent: #4f46e5; --page: #f6f7f9; --card: #ffffff; --ink: #16181d; --quiet: #5d6470; }
  @media (prefers-color-scheme: dark) { :root { --page: #101216; --card: #1a1d23; --ink: #f2f4f8; --quiet: #a2a9b6; } }
  * { box-sizing: border-box; margin: 0; }
  body { min-height: 100vh; display: grid; grid-template-columns: minmax(0, 1fr); place-items: center; padding: 1.5rem; background: var(--page); color: var(--ink); font: 16px/1.6 system-ui, sans-serif; }
  main { width: min(30rem, 100%); padding: 2.5rem; border-radius: 18px; background: var(--card); border-top: 5px solid var(--accent); box-shadow: 0 18px 50px rgb(0 0 0 / .12); text-align: center; }
  h1 { font-size: clamp(1.8rem, 6vw, 2.5rem); line-height: 1.15; letter-spacing: -.02em; }
  .lead { margin-top: .75rem; color: var(--quiet); }
  dl { display: grid; grid-template-columns: repeat(3, 1fr); gap: .75rem; margin-top: 2rem; }
  dt { font-size: .75rem; color: var(--quiet); }
  dd { font-weight: 650; font-variant-numeric: tabular-nums; color: var(--accent); }
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
</main>
</body>
</html>`;

let visits = 0;

const server = http.createServer((request, response) => {
  if (request.url !== "/") {
    response.writeHead(404, { "Content-Type": "text/plain; charset=utf-8" });
    response.end("There is nothing at this address.\n");
    return;
  }
  visits += 1;
  console.log(`${new Date().toISOString()} ${request.method} ${request.url}`);
  response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" });
  response.end(page());
});

server.listen(port, "0.0.0.0", () => {
  console.log(`Server is listening on port ${port}`);
});
