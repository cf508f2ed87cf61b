const element = (id) => document.getElementById(id);
let notes = [];
let open = null;
let saving;

async function ask(path, method = "GET", data = undefined) {
  const answer = await fetch(`api/notes${path}`, { method, body: data && JSON.stringify(data) });
  if (!answer.ok) throw new Error(`The server answered ${answer.status}`);
  return answer.json();
}

function list() {
  const wanted = element("search").value.toLowerCase();
  const shown = notes.filter((note) => `${note.title} ${note.body}`.toLowerCase().includes(wanted));
  element("list").replaceChildren(...shown.map((note) => {
    const item = document.createElement("li");
    const button = document.createElement("button");
    const [title, line] = [document.createElement("b"), document.createElement("span")];
    title.textContent = note.title || "Untitled";
    line.textContent = note.body.split("\n")[0] || "Nothing written yet";
    button.append(title, line);
    button.setAttribute("aria-current", String(note === open));
    button.addEventListener("click", () => show(note));
    item.append(button);
    return item;
  }));
  if (!shown.length) element("list").innerHTML = `<li class="empty">${notes.length ? "Nothing found." : "Your notes will appear here."}</li>`;
}

function show(note) {
  open = note;
  element("note").hidden = !note;
  element("empty").hidden = Boolean(note);
  if (note) {
    element("title").value = note.title;
    element("body").value = note.body;
    element("state").textContent = `Saved ${note.changed} UTC`;
  }
  list();
}

function change() {
  const note = open;
  note.title = element("title").value;
  note.body = element("body").value;
  element("state").textContent = "Saving";
  clearTimeout(saving);
  saving = setTimeout(async () => {
    try {
      Object.assign(note, await ask(`/${note.id}`, "PUT", note));
      element("state").textContent = "Saved";
    } catch (error) {
      element("state").textContent = `Not saved: ${error.message}`;
    }
  }, 400);
  list();
}

element("title").addEventListener("input", change);
element("body").addEventListener("input", change);
element("search").addEventListener("input", list);
element("new").addEventListener("click", async () => {
  const note = await ask("", "POST", { title: "", body: "" });
  notes.unshift(note);
  show(note);
  element("title").focus();
});
element("delete").addEventListener("click", async () => {
  clearTimeout(saving);
  await ask(`/${open.id}`, "DELETE");
  notes = notes.filter((note) => note !== open);
  show(notes[0] || null);
});
ask("").then((found) => { notes = found; show(notes[0] || null); });
