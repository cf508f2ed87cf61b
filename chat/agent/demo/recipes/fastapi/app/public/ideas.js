const element = (id) => document.getElementById(id);

function show(ideas) {
  element("ideas").replaceChildren(...ideas.map((idea) => {
    const item = document.createElement("li");
    const button = document.createElement("button");
    const text = document.createElement("p");
    button.innerHTML = `<svg viewBox="0 0 12 8"><path d="M6 0 12 8H0z"/></svg>${idea.votes}`;
    button.setAttribute("aria-label", `Vote for ${idea.text}, ${idea.votes} votes`);
    button.addEventListener("click", () => fetch(`api/ideas/${idea.id}/vote`, { method: "POST" }));
    text.textContent = idea.text;
    item.append(button, text);
    return item;
  }));
  element("state").textContent = ideas.length ? "" : "No idea yet: yours will be the first.";
}

const events = new EventSource("api/events");
events.addEventListener("message", (event) => show(JSON.parse(event.data)));
events.addEventListener("error", () => { element("state").textContent = "The connection is gone; trying again."; });
element("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = element("text").value.trim();
  element("text").value = "";
  await fetch("api/ideas", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ text }) });
});
