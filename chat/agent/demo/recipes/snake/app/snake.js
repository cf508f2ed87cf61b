const SIZE = 20;
const canvas = document.getElementById("field");
const pen = canvas.getContext("2d");
const cell = canvas.width / SIZE;
const KEYS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
const show = (id, text) => { document.getElementById(id).textContent = text; };
// The colours of the style sheet, as the browser worked them out for light or dark.
const colourOf = (element) => getComputedStyle(element).color;

let snake, food, direction, wanted, over;
let best = Number(localStorage.getItem("snake-best")) || 0;

function begin() {
  snake = [[10, 10], [9, 10], [8, 10]];
  direction = wanted = null;
  over = false;
  show("hint", "Arrow keys or swipe to begin");
  placeFood();
  draw();
}

function placeFood() {
  do {
    food = [Math.floor(Math.random() * SIZE), Math.floor(Math.random() * SIZE)];
  } while (snake.some(([x, y]) => x === food[0] && y === food[1]));
}

function step() {
  if (!wanted || over) return;
  direction = wanted;
  const head = [snake[0][0] + direction[0], snake[0][1] + direction[1]];
  const outside = head.some((n) => n < 0 || n >= SIZE);
  const bitten = snake.some(([x, y]) => x === head[0] && y === head[1]);
  if (outside || bitten) {
    over = true;
    show("hint", "Game over. Press an arrow key to play again");
    return;
  }
  snake.unshift(head);
  if (head[0] === food[0] && head[1] === food[1]) placeFood();
  else snake.pop();
  draw();
}

function draw() {
  const points = snake.length - 3;
  best = Math.max(best, points);
  localStorage.setItem("snake-best", best);
  pen.clearRect(0, 0, canvas.width, canvas.height);
  const accent = colourOf(document.getElementById("snake-colour"));
  snake.forEach(([x, y], place) => {
    pen.globalAlpha = 1 - Math.min(0.5, place * 0.03);
    pen.fillStyle = accent;
    pen.beginPath();
    pen.roundRect(x * cell + 1.5, y * cell + 1.5, cell - 3, cell - 3, 6);
    pen.fill();
  });
  pen.globalAlpha = 1;
  pen.fillStyle = colourOf(document.body);
  pen.beginPath();
  pen.arc((food[0] + 0.5) * cell, (food[1] + 0.5) * cell, cell / 3.2, 0, 2 * Math.PI);
  pen.fill();
  show("points", points);
  show("best", best);
}

function turn(next) {
  if (over) begin();
  show("hint", "Eat the dots, mind the walls");
  const current = direction || [1, 0];
  if (next[0] !== -current[0] || next[1] !== -current[1]) wanted = next;
}

addEventListener("keydown", (event) => {
  if (!KEYS[event.key]) return;
  event.preventDefault();
  turn(KEYS[event.key]);
});

let from = null;
canvas.addEventListener("pointerdown", (event) => { from = [event.clientX, event.clientY]; });
addEventListener("pointerup", (event) => {
  if (!from) return;
  const [dx, dy] = [event.clientX - from[0], event.clientY - from[1]];
  from = null;
  if (Math.max(Math.abs(dx), Math.abs(dy)) < 15) return;
  turn(Math.abs(dx) > Math.abs(dy) ? [Math.sign(dx), 0] : [0, Math.sign(dy)]);
});
document.getElementById("again").addEventListener("click", (event) => { event.target.blur(); begin(); });
addEventListener("themechange", draw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);

begin();
setInterval(step, 120);
