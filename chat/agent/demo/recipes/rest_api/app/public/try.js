const CALLS = [
  { method: "GET", path: "/api/books", about: "All books; ?q= searches" },
  { method: "GET", path: "/api/books/1", about: "One book" },
  { method: "POST", path: "/api/books", about: "A new book", body: { title: "Solaris", author: "Stanisław Lem", year: 1961 } },
  { method: "PUT", path: "/api/books/1", about: "Change a book", body: { year: 1970 } },
  { method: "DELETE", path: "/api/books/3", about: "Remove a book" },
];
const element = (id) => document.getElementById(id);

function choose(call) {
  element("method").textContent = call.method;
  element("path").value = call.path;
  element("body").hidden = !call.body;
  element("body").value = call.body ? JSON.stringify(call.body, null, 2) : "";
  [...element("calls").children].forEach((button, place) => button.setAttribute("aria-current", String(CALLS[place] === call)));
}

async function send() {
  const began = performance.now();
  const body = element("body").hidden ? undefined : element("body").value;
  const answer = await fetch(element("path").value.replace(/^\//, ""), { method: element("method").textContent, body });
  const text = await answer.text();
  element("status").textContent = `${answer.status} ${answer.statusText}`;
  element("status").classList.toggle("bad", !answer.ok);
  element("time").textContent = `in ${Math.round(performance.now() - began)} ms`;
  element("answer").textContent = text ? JSON.stringify(JSON.parse(text), null, 2) : "The answer has no body.";
}

element("calls").append(...CALLS.map((call) => {
  const button = document.createElement("button");
  button.type = "button";
  button.innerHTML = `<span class="method">${call.method}</span><div><code>${call.path}</code><small>${call.about}</small></div>`;
  button.addEventListener("click", () => { choose(call); send(); });
  return button;
}));
element("form").addEventListener("submit", (event) => { event.preventDefault(); send(); });
choose(CALLS[0]);
send();
