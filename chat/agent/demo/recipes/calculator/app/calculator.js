const result = document.getElementById("result");
const line = document.getElementById("line");
const WORK = {
  "+": (a, b) => a + b,
  "−": (a, b) => a - b,
  "×": (a, b) => a * b,
  "÷": (a, b) => a / b,
};
const TYPED = { "-": "−", "*": "×", x: "×", "/": "÷", Enter: "=", Escape: "C", ",": "." };

let entry = "0";
let kept = null;
let sign = null;
let fresh = true;

// 0.1 + 0.2 is 0.3: twelve digits are what people want to see.
const tidy = (value) => (Number.isFinite(value) ? String(Number(value.toPrecision(12))) : "Not a number");

function show() {
  result.textContent = entry.replace("-", "−");
  line.textContent = sign ? `${tidy(kept).replace("-", "−")} ${sign}` : "";
}

function work() {
  entry = tidy(WORK[sign](kept, Number(entry)));
  kept = sign = null;
  fresh = true;
}

function press(key) {
  if (/^\d$/.test(key)) {
    entry = fresh || entry === "0" ? key : entry + key;
    fresh = false;
  } else if (key === ".") {
    if (fresh) entry = "0";
    if (!entry.includes(".")) entry += ".";
    fresh = false;
  } else if (key === "C") {
    entry = "0";
    kept = sign = null;
    fresh = true;
  } else if (key === "Backspace") {
    entry = entry.length > 1 && !fresh ? entry.slice(0, -1) : "0";
  } else if (key === "±") {
    entry = tidy(-Number(entry));
  } else if (key === "%") {
    entry = tidy(Number(entry) / 100);
  } else if (key === "=" && sign) {
    work();
  } else if (WORK[key]) {
    if (sign && !fresh) work();
    kept = Number(entry);
    sign = key;
    fresh = true;
  }
  show();
}

document.getElementById("keys").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) press(button.dataset.key);
});
addEventListener("keydown", (event) => {
  const key = TYPED[event.key] || event.key;
  if (event.ctrlKey || event.metaKey || !(/^[\d.C%=]$/.test(key) || WORK[key] || key === "Backspace")) return;
  event.preventDefault();
  press(key);
});
show();
