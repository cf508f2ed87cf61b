const element = (id) => document.getElementById(id);
const WIDTH = 720, HEIGHT = 300, LEFT = 40, BOTTOM = 28, TOP = 12;

function figures(data) {
  element("figures").innerHTML = data.figures.map((one) => {
    const bad = one.change < 0 !== Boolean(one.lessIsBetter);
    return `<div class="card"><dt>${one.name}</dt><dd>${one.value}</dd>
      <p><b class="${bad ? "bad" : ""}">${one.change > 0 ? "▲" : "▼"} ${Math.abs(one.change)} %</b> on last year</p></div>`;
  }).join("");
}

function line(data) {
  const most = Math.ceil(Math.max(...data.thisYear, ...data.lastYear) / 10) * 10;
  const x = (place) => LEFT + 12 + (place * (WIDTH - LEFT - 24)) / (data.months.length - 1);
  const y = (value) => HEIGHT - BOTTOM - (value / most) * (HEIGHT - BOTTOM - TOP);
  const path = (values) => values.map((value, place) => `${place ? "L" : "M"}${x(place).toFixed(1)} ${y(value).toFixed(1)}`).join("");
  const steps = Array.from({ length: most / 10 + 1 }, (_, place) => place * 10);
  element("line").innerHTML = `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Revenue by month, this year and last">
    ${steps.map((step) => `<path d="M${LEFT} ${y(step)}H${WIDTH}" stroke="var(--line)"/><text x="${LEFT - 8}" y="${y(step) + 4}" text-anchor="end">${step}</text>`).join("")}
    <path d="${path(data.thisYear)}L${x(11)} ${y(0)}L${x(0)} ${y(0)}Z" fill="var(--accent)" opacity=".09"/>
    <path d="${path(data.lastYear)}" fill="none" stroke="color-mix(in oklab, var(--quiet) 60%, var(--card))" stroke-width="2" stroke-dasharray="2 5" stroke-linecap="round"/>
    <path d="${path(data.thisYear)}" fill="none" stroke="var(--accent)" stroke-width="2.5" stroke-linejoin="round" stroke-linecap="round"/>
    ${data.months.map((month, place) => `<text class="${place % 3 ? "every" : ""}" x="${x(place)}" y="${HEIGHT - 6}" text-anchor="middle">${month}</text>`).join("")}
    <circle id="dot" r="5" fill="var(--accent)" stroke="var(--card)" stroke-width="2" visibility="hidden"/></svg><p class="tip" id="tip" hidden></p>`;
  const svg = element("line").querySelector("svg");
  svg.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect();
    const wanted = ((event.clientX - box.left) / box.width) * WIDTH;
    const place = data.months.reduce((best, _, one) => (Math.abs(x(one) - wanted) < Math.abs(x(best) - wanted) ? one : best), 0);
    const dot = element("dot");
    dot.setAttribute("cx", x(place));
    dot.setAttribute("cy", y(data.thisYear[place]));
    dot.setAttribute("visibility", "visible");
    const tip = element("tip");
    tip.hidden = false;
    tip.style.left = `${Math.min(88, Math.max(12, (x(place) / WIDTH) * 100))}%`;
    tip.textContent = `${data.months[place]}: ${data.thisYear[place]} k, last year ${data.lastYear[place]} k`;
  });
  svg.addEventListener("pointerleave", () => {
    element("tip").hidden = true;
    element("dot").setAttribute("visibility", "hidden");
  });
}

function bars(data) {
  const most = Math.max(...data.products.map((one) => one.value));
  element("bars").innerHTML = data.products.map((one, place) =>
    `<li><div><span>${one.name}</span><span>${one.value.toFixed(1)} k ${data.currency}</span></div>
    <span><i style="width:${(one.value / most) * 100}%;opacity:${1 - place * 0.14}"></i></span></li>`).join("");
}

fetch("data.json").then((answer) => answer.json()).then((data) => {
  figures(data);
  line(data);
  bars(data);
});
