// The dashboard of the job queues: the box in a table's head selects every row of it.
for (const all of document.querySelectorAll("#action-toggle")) {
  const boxes = [...all.closest("table").querySelectorAll("input.action-select")];
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
  });
  for (const box of boxes) {
    box.addEventListener("change", () => {
      all.checked = boxes.every((one) => one.checked);
    });
  }
}
