// Drawing on a picture of the app, which is then attached to the message: pen, box, arrow, undo.

import { answerTo, request } from "./http.js";

const INK = "#e5322d";
const LONGEST = 2000; // points of one stroke
const $ = (id) => document.getElementById(id);
let picture = null;
let strokes = [];
let stroke = null;

/** `shown()`: `{sandbox, port}` of the preview; `view()`: how the app is looked at. */
export function startDraw(shown, view) {
  document.addEventListener("click", ({ target }) => {
    if (target.closest("#preview-draw")) {
      target.closest("details").open = false;
      begin(shown(), view);
    }
    if (target.closest("#draw-close")) $("draw").close();
    if (target.closest("#draw-undo")) undo();
    if (target.closest("#draw-attach")) attach();
  });
  const canvas = $("draw-canvas");
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    const tool = document.querySelector("[name=draw-tool]:checked").value;
    stroke = { tool, points: [pointOf(event)] };
    strokes.push(stroke);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!stroke || stroke.points.length >= LONGEST) return;
    if (stroke.tool !== "pen") stroke.points.length = 1;
    stroke.points.push(pointOf(event));
    draw();
  });
  for (const end of ["pointerup", "pointercancel"])
    canvas.addEventListener(end, () => {
      // A tap is no stroke.
      if (stroke?.points.length === 1) strokes.pop();
      stroke = null;
      draw();
    });
  $("draw").addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    undo();
  });
}

async function begin({ sandbox, port }, view) {
  picture = null;
  strokes = [];
  $("draw-canvas").hidden = true;
  $("draw-attach").disabled = true;
  $("draw").showModal();
  if (!port) return say("No app is shown yet. Start its server first.");
  say("The platform’s browser takes a picture of the page…");
  $("draw-working").hidden = false;
  try {
    const data = { port, ...(await view()) };
    const { id } = await request("POST", `/api/v1/sandboxes/${sandbox}/pictures`, { data });
    const answer = await answerTo("GET", `/api/v1/pictures/${id}/page`);
    picture = await createImageBitmap(await answer.blob());
    say("");
    Object.assign($("draw-canvas"), { width: picture.width, height: picture.height });
    $("draw-canvas").hidden = false;
    $("draw-attach").disabled = false;
    draw();
  } catch (error) {
    say(`${error.message} A screenshot of your own can be pasted into the message.`);
  } finally {
    $("draw-working").hidden = true;
  }
}

function say(words) {
  $("draw-words").textContent = words;
}

function pointOf({ offsetX, offsetY }) {
  const canvas = $("draw-canvas");
  const scale = canvas.width / canvas.clientWidth;
  return [offsetX * scale, offsetY * scale];
}

function undo() {
  strokes.pop();
  draw();
}

function draw() {
  $("draw-undo").disabled = !strokes.length;
  if (!picture) return;
  const pen = $("draw-canvas").getContext("2d");
  pen.drawImage(picture, 0, 0);
  const width = Math.max(3, picture.width / 300);
  Object.assign(pen, { lineCap: "round", lineJoin: "round" });
  for (const { tool, points } of strokes) {
    // A light edge, so that it shows on whatever is below.
    for (const [colour, wide] of [
      ["#fff", width + 3],
      [INK, width],
    ]) {
      Object.assign(pen, { strokeStyle: colour, lineWidth: wide });
      pen.beginPath();
      if (points.length > 1) shapes[tool](pen, points, width);
      pen.stroke();
    }
  }
}

const shapes = {
  pen(pen, [[x, y], ...rest]) {
    pen.moveTo(x, y);
    for (const point of rest) pen.lineTo(...point);
  },
  box(pen, [[x, y], [right, bottom]]) {
    pen.rect(x, y, right - x, bottom - y);
  },
  arrow(pen, [[x, y], [toX, toY]], width) {
    const way = Math.atan2(toY - y, toX - x);
    const head = width * 5;
    pen.moveTo(x, y);
    pen.lineTo(toX, toY);
    for (const turn of [-0.5, 0.5]) {
      pen.moveTo(toX, toY);
      pen.lineTo(toX - head * Math.cos(way + turn), toY - head * Math.sin(way + turn));
    }
  },
};

async function attach() {
  const blob = await new Promise((done) => $("draw-canvas").toBlob(done, "image/jpeg", 0.9));
  if (!blob) return say("The browser could not make a picture of it.");
  const files = [new File([blob], "drawn-on-the-app.jpg", { type: "image/jpeg" })];
  document.dispatchEvent(new CustomEvent("vibe:attach", { detail: { files } }));
  $("draw").close();
}
