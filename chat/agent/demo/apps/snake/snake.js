const SIZE = 20;
const canvas = document.getElementById("field");
const pen = canvas.getContext("2d");
const cell = canvas.width / SIZE;
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name);
const KEYS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

let snake, food, direction, wanted, over;

function begin() {
  snake = [[10, 10], [9, 10], [8, 10]];
  direction = wanted = null;
  over = false;
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
    document.getElementById("hint").textContent = "Game over. Press an arrow key to play again";
    return;
  }
  snake.unshift(head);
  if (head[0] === food[0] && head[1] === food[1]) placeFood();
  else snake.pop();
  draw();
}

function draw() {
  pen.clearRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = colour("--accent");
  snake.forEach(([x, y]) => pen.fillRect(x * cell + 1, y * cell + 1, cell - 2, cell - 2));
  pen.fillStyle = colour("--ink");
  pen.beginPath();
  pen.arc((food[0] + 0.5) * cell, (food[1] + 0.5) * cell, cell / 3, 0, 2 * Math.PI);
  pen.fill();
  document.getElementById("points").textContent = snake.length - 3;
}

function turn(next) {
  if (over) begin();
  document.getElementById("hint").textContent = "Eat the dots, mind the walls";
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

begin();
setInterval(step, 120);
