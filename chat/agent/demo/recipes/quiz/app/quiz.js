const stage = document.getElementById("stage");
let order, place, points;

function shuffled(list) {
  return list.map((item) => [Math.random(), item]).sort(([a], [b]) => a - b).map(([, item]) => item);
}

function begin() {
  order = shuffled(QUESTIONS);
  place = points = 0;
  ask();
}

function progress(share) {
  document.getElementById("bar").style.width = `${share * 100}%`;
}

function ask() {
  const question = order[place];
  document.getElementById("place").textContent = `${place + 1} of ${order.length}`;
  progress(place / order.length);
  stage.innerHTML = `<h2 class="question"></h2><div class="answers"></div><p class="why"></p><button class="primary" hidden>Next</button>`;
  stage.querySelector("h2").textContent = question.ask;
  shuffled(question.answers).forEach((text, number) => {
    const button = document.createElement("button");
    button.textContent = text;
    button.dataset.letter = "ABCD"[number];
    button.addEventListener("click", () => judge(question, button));
    stage.querySelector(".answers").append(button);
  });
  stage.querySelector(".primary").addEventListener("click", () => {
    place += 1;
    if (place < order.length) ask();
    else end();
  });
}

function judge(question, chosen) {
  const right = question.answers[0];
  if (chosen.textContent === right) points += 1;
  else chosen.className = "wrong";
  for (const button of stage.querySelectorAll(".answers button")) {
    button.disabled = true;
    if (button.textContent === right) button.className = "right";
  }
  stage.querySelector(".why").textContent = question.why;
  stage.querySelector(".primary").hidden = false;
  stage.querySelector(".primary").focus();
}

function end() {
  progress(1);
  document.getElementById("place").textContent = "Done";
  const words = points === order.length ? "All of them. Well done." : points > order.length / 2 ? "More right than wrong." : "Now you know the answers.";
  stage.innerHTML = `<p class="result">${points}<span class="quiet"> of ${order.length}</span></p>
    <p class="lead">${words}</p><p style="margin-top:1.5rem"><button class="primary">Once more</button></p>`;
  stage.querySelector("button").addEventListener("click", begin);
}

begin();
