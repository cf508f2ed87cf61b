const element = (id) => document.getElementById(id);
const NAMES = { work: "work", short: "short break", long: "long break" };
const minutes = JSON.parse(localStorage.getItem("pomodoro") || '{"work":25,"short":5,"long":15}');
const title = document.title;
let kind = "work";
let left = minutes[kind] * 60;
let ends = null;
let done = 0;

function choose(next) {
  kind = next;
  ends = null;
  left = minutes[kind] * 60;
  element("minutes").value = minutes[kind];
  element("label").textContent = `Minutes of ${NAMES[kind]}`;
  show();
}

function show() {
  const whole = Math.max(0, Math.ceil(left));
  const text = `${String(Math.floor(whole / 60)).padStart(2, "0")}:${String(whole % 60).padStart(2, "0")}`;
  element("left").textContent = text;
  element("ring").style.strokeDashoffset = 100 - (100 * left) / (minutes[kind] * 60);
  element("go").textContent = ends ? "Pause" : "Start";
  element("count").textContent = done ? `${done} ${done === 1 ? "round" : "rounds"} done` : "No round done yet";
  document.title = ends ? `${text} – ${title}` : title;
  for (const tab of element("tabs").children) tab.setAttribute("aria-pressed", String(tab.dataset.kind === kind));
}

function chime() {
  const audio = new AudioContext();
  [0, 0.25, 0.5].forEach((start, place) => {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.value = 520 + place * 130;
    volume.gain.setValueAtTime(0.15, audio.currentTime + start);
    volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + start + 0.5);
    tone.connect(volume).connect(audio.destination);
    tone.start(audio.currentTime + start);
    tone.stop(audio.currentTime + start + 0.5);
  });
}

function tick() {
  if (!ends) return;
  // By the clock and not by counting: a tab in the background ticks seldom.
  left = (ends - Date.now()) / 1000;
  if (left <= 0) {
    chime();
    if (kind === "work") done += 1;
    choose(kind !== "work" ? "work" : done % 4 === 0 ? "long" : "short");
    return;
  }
  show();
}

element("go").addEventListener("click", () => {
  ends = ends ? null : Date.now() + left * 1000;
  show();
});
element("reset").addEventListener("click", () => choose(kind));
element("tabs").addEventListener("click", (event) => {
  if (event.target.dataset.kind) choose(event.target.dataset.kind);
});
element("minutes").addEventListener("change", (event) => {
  minutes[kind] = Math.min(90, Math.max(1, Math.round(Number(event.target.value)) || 1));
  localStorage.setItem("pomodoro", JSON.stringify(minutes));
  choose(kind);
});
setInterval(tick, 250);
choose("work");
