// A chat room: everybody who is connected gets every message.
const fs = require("node:fs");
const http = require("node:http");
const path = require("node:path");
const websocket = require("./websocket.js");

const port = Number(process.env.PORT) || 3000;
const TYPES = { ".html": "text/html", ".css": "text/css", ".js": "text/javascript" };
const people = new Map();
const past = [];

function tell(message) {
  const text = JSON.stringify(message);
  for (const person of people.keys()) person.send(text);
}

const present = () => tell({ kind: "present", names: [...people.values()] });

function heard(person, text) {
  let sent;
  try {
    sent = JSON.parse(text);
  } catch {
    return;
  }
  const words = String(sent.text ?? "").trim().slice(0, 2000);
  if (sent.name) {
    people.set(person, String(sent.name).slice(0, 40));
    present();
  }
  if (!words) return;
  const message = { kind: "message", name: people.get(person), text: words, at: Date.now() };
  past.push(message);
  past.splice(0, past.length - 50);
  tell(message);
}

const server = http.createServer((request, response) => {
  const { pathname } = new URL(request.url, "http://localhost");
  const file = path.join(__dirname, "public", pathname === "/" ? "index.html" : path.basename(pathname));
  if (!fs.existsSync(file)) {
    response.writeHead(404).end("There is nothing at this address.\n");
    return;
  }
  response.writeHead(200, { "Content-Type": `${TYPES[path.extname(file)] ?? "text/plain"}; charset=utf-8` });
  response.end(fs.readFileSync(file));
});

server.on("upgrade", (request, socket) => {
  const person = websocket.accept(request, socket, {
    onMessage: (text) => heard(person, text),
    onClose: () => { people.delete(person); present(); },
  });
  people.set(person, "Guest");
  for (const message of past) person.send(JSON.stringify(message));
  present();
  console.log(`${people.size} connected`);
});

server.listen(port, "0.0.0.0", () => console.log(`The chat is listening on port ${port}`));
