const PICTURES = {
  sun: '<circle cx="12" cy="12" r="4"/><path d="M12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M5 19l2-2M17 7l2-2"/>',
  moon: '<path d="M19 14A8 8 0 0 1 10 4a8 8 0 1 0 9 10z"/>',
  star: '<path d="m12 3 2.7 5.8 6.3.8-4.6 4.3 1.2 6.2-5.6-3.1-5.6 3.1 1.2-6.2L3 9.6l6.3-.8z"/>',
  heart: '<path d="M12 20S4 15 4 9a4 4 0 0 1 8-1 4 4 0 0 1 8 1c0 6-8 11-8 11z"/>',
  leaf: '<path d="M5 19C4 9 10 4 20 4c0 10-5 16-13 14M5 19l8-8"/>',
  drop: '<path d="M12 3c4 5 6 8 6 11a6 6 0 0 1-12 0c0-3 2-6 6-11z"/>',
  fish: '<path d="M3 12c3-5 9-6 13-2l5-3v10l-5-3c-4 4-10 3-13-2z"/><path d="M8 11h.01"/>',
  house: '<path d="m3 11 9-8 9 8M6 9v11h12V9M10 20v-6h4v6"/>',
};
const element = (id) => document.getElementById(id);
let cards, open, moves, waiting;
let best = Number(localStorage.getItem("memory-best")) || 0;

function shuffled(list) {
  const mixed = [...list];
  for (let i = mixed.length - 1; i > 0; i -= 1) {
    const j = Math.floor(Math.random() * (i + 1));
    [mixed[i], mixed[j]] = [mixed[j], mixed[i]];
  }
  return mixed;
}

function begin() {
  clearTimeout(waiting);
  const names = Object.keys(PICTURES);
  cards = shuffled([...names, ...names]).map((name) => ({ name, open: false, found: false }));
  open = [];
  moves = 0;
  element("state").textContent = "Turn two cards at a time.";
  element("field").innerHTML = cards.map((card, place) => `
    <button data-place="${place}"><span><i class="back"><svg viewBox="0 0 24 24"><path d="M8 9a4 4 0 1 1 5 4c-1 .4-1 1-1 2M12 19h.01"/></svg></i>
    <i class="face"><svg viewBox="0 0 24 24">${PICTURES[card.name]}</svg></i></span></button>`).join("");
  show();
}

function show() {
  [...element("field").children].forEach((button, place) => {
    const card = cards[place];
    button.className = `${card.open || card.found ? "open" : ""} ${card.found ? "found" : ""}`;
    button.disabled = card.found;
    button.setAttribute("aria-label", card.open || card.found ? card.name : `Card ${place + 1}`);
  });
  element("moves").textContent = moves;
  element("best").textContent = best || "–";
}

function close() {
  for (const card of open) card.open = false;
  open = [];
  show();
}

function turn(card) {
  if (card.open || card.found) return;
  if (open.length === 2) {
    clearTimeout(waiting);
    close();
  }
  card.open = true;
  open.push(card);
  if (open.length === 2) {
    moves += 1;
    if (open[0].name === open[1].name) {
      for (const one of open) one.found = true;
      open = [];
      element("state").textContent = "A pair.";
    } else {
      waiting = setTimeout(close, 900);
    }
  }
  if (cards.every((one) => one.found)) {
    best = best ? Math.min(best, moves) : moves;
    localStorage.setItem("memory-best", best);
    element("state").textContent = `All found in ${moves} moves.`;
  }
  show();
}

element("field").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) turn(cards[button.dataset.place]);
});
element("again").addEventListener("click", begin);
begin();
