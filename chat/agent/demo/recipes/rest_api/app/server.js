// A REST API for books, and the page that tries it. Node's own modules only.
const fs = require("node:fs");
const http = require("node:http");
const path = require("node:path");

const port = Number(process.env.PORT) || 3000;
const store = path.join(__dirname, "books.json");
const TYPES = { ".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml" };

let books = fs.existsSync(store)
  ? JSON.parse(fs.readFileSync(store, "utf8"))
  : [
      { id: 1, title: "The Left Hand of Darkness", author: "Ursula K. Le Guin", year: 1969 },
      { id: 2, title: "Pippi Longstocking", author: "Astrid Lindgren", year: 1945 },
      { id: 3, title: "Invisible Cities", author: "Italo Calvino", year: 1972 },
    ];

const keep = () => fs.writeFileSync(store, JSON.stringify(books, null, 2));

function checked(sent) {
  const { title, author, year } = sent ?? {};
  if (typeof title !== "string" || !title.trim()) return [null, "title must be a text that is not empty"];
  if (author !== undefined && typeof author !== "string") return [null, "author must be a text"];
  if (year !== undefined && !Number.isInteger(year)) return [null, "year must be a whole number"];
  return [{ title: title.trim(), author: author ?? "", year: year ?? null }, ""];
}

// Each answers [status, data].
const ROUTES = {
  "GET /api/books": (_, { query }) => [200, books.filter((book) => book.title.toLowerCase().includes((query.get("q") ?? "").toLowerCase()))],
  "GET /api/books/:id": (book) => [200, book],
  "POST /api/books": (_, { sent }) => {
    const [fields, fault] = checked(sent);
    if (fault) return [422, { error: fault }];
    const book = { id: Math.max(0, ...books.map((one) => one.id)) + 1, ...fields };
    books.push(book);
    keep();
    return [201, book];
  },
  "PUT /api/books/:id": (book, { sent }) => {
    const [fields, fault] = checked({ ...book, ...sent });
    if (fault) return [422, { error: fault }];
    Object.assign(book, fields);
    keep();
    return [200, book];
  },
  "DELETE /api/books/:id": (book) => {
    books = books.filter((one) => one !== book);
    keep();
    return [204, null];
  },
};

async function api(request, url) {
  let text = "";
  for await (const piece of request) text += piece;
  let sent;
  try {
    sent = text ? JSON.parse(text) : undefined;
  } catch {
    return [400, { error: "The body is not JSON" }];
  }
  const id = url.pathname.match(/^\/api\/books\/(\d+)$/)?.[1];
  const route = ROUTES[`${request.method} ${id ? "/api/books/:id" : url.pathname}`];
  if (!route) return [url.pathname.startsWith("/api/books") ? 405 : 404, { error: "There is no such endpoint" }];
  const book = id && books.find((one) => one.id === Number(id));
  if (id && !book) return [404, { error: `There is no book ${id}` }];
  return route(book, { sent, query: url.searchParams });
}

const server = http.createServer(async (request, response) => {
  const url = new URL(request.url, "http://localhost");
  if (url.pathname.startsWith("/api")) {
    const [status, data] = await api(request, url);
    console.log(`${request.method} ${url.pathname} ${status}`);
    response.writeHead(status, { "Content-Type": "application/json" });
    response.end(data === null ? "" : JSON.stringify(data));
    return;
  }
  const name = url.pathname === "/" ? "index.html" : path.basename(url.pathname);
  const file = path.join(__dirname, "public", name);
  if (!fs.existsSync(file)) {
    response.writeHead(404).end("There is nothing at this address.\n");
    return;
  }
  response.writeHead(200, { "Content-Type": `${TYPES[path.extname(file)] ?? "text/plain"}; charset=utf-8` });
  response.end(fs.readFileSync(file));
});

server.listen(port, "0.0.0.0", () => console.log(`The API is listening on port ${port}`));
