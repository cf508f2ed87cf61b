const LINES = [[0, 1, 2], [3, 4, 5], [6, 7, 8], [0, 3, 6], [1, 4, 7], [2, 5, 8], [0, 4, 8], [2, 4, 6]];
const SHAPES = { x: '<path d="M20 20 80 80M80 20 20 80"/>', o: '<circle cx="50" cy="50" r="31"/>' };
const element = (id) => document.getElementById(id);
const wins = { x: 0, o: 0, draw: 0 };
let cells, turn, alone = true;

const winning = (board) => LINES.find(([a, b, c]) => board[a] && board[a] === board[b] && board[a] === board[c]);
const free = (board) => board.flatMap((cell, place) => (cell ? [] : [place]));

// The best for whoever is next: 1 is a win for O, -1 one for X, 0 a draw.
function value(board, next) {
  if (winning(board)) return next === "x" ? 1 : -1;
  if (!free(board).length) return 0;
  const values = free(board).map((place) => value(board.with(place, next), next === "o" ? "x" : "o"));
  return next === "o" ? Math.max(...values) : Math.min(...values);
}

function reply() {
  const places = free(cells);
  // One move in five is by chance: nobody likes to play against a wall.
  if (Math.random() < 0.2) return places[Math.floor(Math.random() * places.length)];
  return places.reduce((best, place) =>
    value(cells.with(place, "o"), "x") > value(cells.with(best, "o"), "x") ? place : best);
}

function play(place) {
  if (cells[place] || ended()) return;
  cells = cells.with(place, turn);
  turn = turn === "x" ? "o" : "x";
  if (ended()) {
    const line = winning(cells);
    wins[line ? cells[line[0]] : "draw"] += 1;
  } else if (alone && turn === "o") {
    play(reply());
    return;
  }
  show();
}

const ended = () => Boolean(winning(cells)) || !free(cells).length;

function show() {
  const line = winning(cells) || [];
  element("board").innerHTML = cells.map((cell, place) => `
    <button class="${cell || ""} ${line.includes(place) ? "won" : ""}" data-place="${place}"
      aria-label="Field ${place + 1}: ${cell || "free"}" ${cell || ended() ? "disabled" : ""}>
      <svg viewBox="0 0 100 100" stroke="currentColor">${SHAPES[cell] || ""}</svg></button>`).join("");
  const winner = line.length ? cells[line[0]].toUpperCase() : "";
  element("state").textContent = winner ? `${winner} wins this round` : ended() ? "A draw" : `${turn.toUpperCase()} is next`;
  for (const key of ["x", "o", "draw"]) element(key).textContent = wins[key];
  element("other").textContent = alone ? "Computer, O" : "Friend, O";
  element("mode").textContent = alone ? "Play as two" : "Play alone";
}

function begin() {
  cells = Array(9).fill(null);
  turn = "x";
  show();
}

element("board").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) play(Number(button.dataset.place));
});
element("again").addEventListener("click", begin);
element("mode").addEventListener("click", () => {
  alone = !alone;
  begin();
});
begin();
