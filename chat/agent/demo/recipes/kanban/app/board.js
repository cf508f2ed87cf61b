const COLUMNS = ["To do", "In progress", "Done"];
const FIRST = [
  ["Write down what the first version must do", "Ask three people what they would use"],
  ["Sketch the start page"],
  ["Choose a name"],
];
const board = document.getElementById("board");
const stored = JSON.parse(localStorage.getItem("kanban") || "null");
const columns = stored || FIRST.map((texts) => [...texts]);
let dragged = null;

function keep() {
  localStorage.setItem("kanban", JSON.stringify(columns));
  show();
}

function move(from, place, to, before = columns[to].length) {
  const [text] = columns[from].splice(place, 1);
  columns[to].splice(from === to && before > place ? before - 1 : before, 0, text);
  keep();
}

function button(label, sign, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = sign === "✕" ? "plain danger" : "plain";
  made.textContent = sign;
  made.setAttribute("aria-label", label);
  made.addEventListener("click", act);
  return made;
}

function card(text, column, place) {
  const item = document.createElement("li");
  item.draggable = true;
  item.append(text);
  const row = document.createElement("div");
  if (column > 0) row.append(button(`Move to ${COLUMNS[column - 1]}`, "←", () => move(column, place, column - 1)));
  if (column < 2) row.append(button(`Move to ${COLUMNS[column + 1]}`, "→", () => move(column, place, column + 1)));
  row.append(button("Delete", "✕", () => { columns[column].splice(place, 1); keep(); }));
  item.append(row);
  item.addEventListener("dragstart", () => { dragged = [column, place]; item.classList.add("dragged"); });
  item.addEventListener("dragend", () => { dragged = null; show(); });
  item.addEventListener("drop", (event) => {
    if (!dragged) return;
    event.stopPropagation();
    move(...dragged, column, place);
  });
  return item;
}

function show() {
  board.replaceChildren(...COLUMNS.map((name, column) => {
    const section = document.createElement("section");
    section.className = "column";
    section.innerHTML = `<header><h2>${name}</h2><span>${columns[column].length}</span></header><ul></ul>
      <form><input name="text" placeholder="Add a card" aria-label="New card in ${name}" maxlength="200"></form>`;
    const list = section.querySelector("ul");
    list.append(...columns[column].map((text, place) => card(text, column, place)));
    if (!columns[column].length) list.innerHTML = '<li class="none" style="border:0;background:none;cursor:default">Drop a card here, or add one below.</li>';
    section.addEventListener("dragover", (event) => { event.preventDefault(); section.classList.add("over"); });
    section.addEventListener("dragleave", () => section.classList.remove("over"));
    section.addEventListener("drop", () => { if (dragged) move(...dragged, column); });
    section.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      const text = event.target.text.value.trim();
      if (!text) return;
      columns[column].push(text);
      keep();
      board.children[column].querySelector("input").focus();
    });
    return section;
  }));
}

show();
