// Model, effort and whether errors are fixed: the popover beside the select, and the page's address.

const box = () => document.getElementById("model-choice");
const model = () => document.getElementById("model");
const efforts = () => model().selectedOptions[0]?.dataset.efforts.split(" ").filter(Boolean) ?? [];

/** Put a choice into the page's address, or take it out where it is the default. */
export function inAddress(changes) {
  const url = new URL(location.href);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === undefined) url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  if (url.href !== location.href) history.replaceState(history.state, "", url);
}

export function startModelChoice() {
  showEfforts();
  // Before htmx sends the form of choices: an effort that the new model lacks is not among them.
  box().addEventListener(
    "change",
    () => {
      showEfforts();
      write();
    },
    true,
  );
  document.addEventListener("vibe:shown", ({ detail }) => {
    inAddress({ tab: detail.panel === "chat" ? null : detail.panel });
  });
}

/** Of all efforts those that the chosen model has. */
function showEfforts() {
  const has = efforts();
  const field = box().querySelector("[data-efforts]");
  field.toggleAttribute("data-none", !has.length);
  for (const label of field.querySelectorAll("[data-effort]")) {
    const known = has.includes(label.dataset.effort);
    label.hidden = !known;
    label.firstElementChild.disabled = !known;
  }
  const chosen = field.querySelector("input:checked:enabled");
  const first = field.querySelector(`input[value="${has[0]}"]`);
  if (!chosen && first) first.checked = true;
  const shown = (chosen ?? first)?.closest("label");
  box().querySelector("[data-effort-word]").textContent = shown?.textContent.trim() ?? "";
}

function write() {
  const has = efforts();
  const chosen = box().querySelector('[name="effort"]:checked:enabled')?.value;
  inAddress({
    modelId: model().value,
    effort: chosen && chosen !== has[0] ? chosen : null,
    "fix-errors": box().querySelector('[name="fix_errors"]').checked ? null : "false",
  });
}
