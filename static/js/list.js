// The list of conversations: the menu of a row, and how the others stand while somebody works.

const EVERY = 10_000;
let menu;

export function startList() {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-row-menu]");
    if (!opener || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(opener);
  });
  document.addEventListener("contextmenu", (event) => {
    const opener = event.target.closest(".list-row")?.querySelector("[data-row-menu]");
    if (!opener || event.shiftKey) return;
    event.preventDefault();
    open(opener);
  });
  setInterval(refresh, EVERY);
}

async function open(opener) {
  if (!menu) {
    menu = document.createElement("div");
    menu.className = "menu-list row-popover";
    menu.id = "row-options";
    menu.popover = "auto";
    menu.addEventListener("keydown", move);
    menu.addEventListener("click", (event) => {
      if (event.target.closest("a, button")) menu.hidePopover();
    });
    document.body.append(menu);
  }
  await htmx.ajax("GET", opener.getAttribute("href"), {
    source: opener,
    target: menu,
    swap: "innerHTML",
  });
  if (!menu.firstElementChild) return;
  menu.showPopover();
  const at = opener.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  menu.style.left = `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`;
  menu.style.top = `${Math.max(8, Math.min(at.bottom + 2, innerHeight - height - 8))}px`;
  menu.querySelector("button:not(.visually-hidden), a")?.focus();
}

function move(event) {
  if (event.target.matches("input") || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
  event.preventDefault();
  const all = [...menu.querySelectorAll("a, button:not(.visually-hidden)")];
  const step = event.key === "ArrowDown" ? 1 : -1;
  all.at((all.indexOf(document.activeElement) + step) % all.length).focus();
}

/** Only while one of the others is at work or waits, the page is looked at and nothing is sought. */
function refresh() {
  const list = document.getElementById("list");
  const search = document.querySelector(".list-head input[name=q]");
  if (!list || document.hidden || search?.value || list.contains(document.activeElement)) return;
  const others = '[data-status="queued"], [data-status="running"], [data-status="waiting"]';
  for (const row of list.querySelectorAll(others)) {
    if (row.querySelector("[aria-current]")) continue;
    htmx.ajax("GET", `/conversations/?current=${location.pathname.split("/")[2] ?? ""}`, {
      source: list,
      target: list,
      swap: "innerMorph",
    });
    return;
  }
}
