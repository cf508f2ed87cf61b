const each = document.getElementById("each");
const total = document.getElementById("total");

document.getElementById("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const bill = Object.fromEntries(new FormData(event.target));
  const answer = await fetch("split", { method: "POST", body: JSON.stringify(bill) });
  const data = await answer.json();
  each.classList.toggle("failed", !answer.ok);
  each.textContent = answer.ok ? data.each.toFixed(2) : "The server failed.";
  total.textContent = answer.ok ? `${data.total.toFixed(2)} in all` : data.error;
  if (!answer.ok) console.error(`POST split: ${data.error}`);
});
