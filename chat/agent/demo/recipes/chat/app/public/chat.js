const element = (id) => document.getElementById(id);
const GUESTS = ["Robin", "Kim", "Sascha", "Alex", "Noa", "Mika", "Charlie", "Sam"];
let name = sessionStorage.getItem("name") || `${GUESTS[Math.floor(Math.random() * GUESTS.length)]} ${Math.floor(Math.random() * 90) + 10}`;
const nobody = element("messages").firstElementChild;
let socket;
let wait = 500;
let last = "";

function connect() {
  socket = new WebSocket(location.href.replace(/^http/, "ws"));
  socket.addEventListener("open", () => {
    wait = 500;
    element("messages").replaceChildren(nobody);
    last = "";
    state(true);
    socket.send(JSON.stringify({ name }));
  });
  socket.addEventListener("message", (event) => heard(JSON.parse(event.data)));
  socket.addEventListener("close", () => {
    state(false);
    setTimeout(connect, wait);
    wait = Math.min(wait * 2, 10000);
  });
}

function state(on) {
  element("state").dataset.on = on;
  element("state").textContent = on ? "Connected" : "Connecting again";
  if (!on) element("present").textContent = "";
}

function heard(message) {
  if (message.kind === "present") {
    const count = message.names.length;
    element("present").textContent = `· ${count} ${count === 1 ? "person" : "people"} here`;
    element("present").title = message.names.join(", ");
    return;
  }
  const item = document.createElement("li");
  item.classList.toggle("own", message.name === name);
  if (message.name !== last) {
    const who = document.createElement("small");
    who.textContent = `${message.name}, ${new Date(message.at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}`;
    item.append(who);
  }
  last = message.name;
  const words = document.createElement("p");
  words.textContent = message.text;
  item.append(words);
  nobody.remove();
  element("messages").append(item);
  item.scrollIntoView({ block: "nearest" });
}

element("name").value = name;
element("name").addEventListener("change", (event) => {
  name = event.target.value.trim() || name;
  sessionStorage.setItem("name", name);
  socket.send(JSON.stringify({ name }));
});
element("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = element("text").value.trim();
  if (!text || socket.readyState !== WebSocket.OPEN) return;
  socket.send(JSON.stringify({ text }));
  element("text").value = "";
});
connect();
