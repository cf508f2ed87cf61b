// What waits for the person: the steps of a plan are edited in place, and the page's title says so.

const WAITING = "Waiting for you · ";

export function startAsking() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-plan] button[type=button]");
    if (button) edit(button);
  });
  document.addEventListener("keydown", (event) => {
    const field = event.target;
    if (event.key !== "Enter" || event.isComposing) return;
    if (field.matches?.("[data-plan-change]")) {
      event.preventDefault();
      field.form.requestSubmit(field.form.querySelector("[value=change]"));
    } else if (field.matches?.("[data-plan] textarea")) {
      event.preventDefault();
      add(field.form, field.closest("li"));
    }
  });
  document.addEventListener("vibe:changed", entitle);
  document.addEventListener("htmx:after:request", () => queueMicrotask(entitle));
  entitle();
}

function edit(button) {
  const row = button.closest("li");
  if ("planAdd" in button.dataset) return add(button.closest("form"));
  if ("planRemove" in button.dataset) {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    next?.querySelector("textarea").focus();
  }
  if ("planUp" in button.dataset) row.previousElementSibling?.before(row);
  if ("planDown" in button.dataset) row.nextElementSibling?.after(row);
  if (row.isConnected) button.focus();
}

/** An empty step behind `row`, or at the end. */
function add(form, row) {
  const made = form.querySelector("template[data-plan-step]").content.cloneNode(true);
  const field = made.querySelector("textarea");
  if (row) row.after(made);
  else form.querySelector(".plan-steps").append(made);
  field.focus();
}

function entitle() {
  const plain = document.title.replace(WAITING, "");
  const waits = document.querySelector("#turn-state[data-waiting]");
  const title = waits ? WAITING + plain : plain;
  if (document.title !== title) document.title = title;
}
