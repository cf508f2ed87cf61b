// How the page stands, as attributes for the style sheets: whether anything was said, whether a turn
// is under way, whether there is a sandbox. A `:has()` that looks for it at any depth would make the
// browser look through the whole thread again at each change of it, and so would an attribute of the
// chat that matters to something in each message.

export function startStanding() {
  document.addEventListener("vibe:changed", mark);
  document.addEventListener("htmx:after:swap", (event) => {
    if (!event.target.hasAttribute?.("hx-ws:connect")) mark();
  });
  // A message is told when somebody comes to it.
  for (const kind of ["pointerover", "focusin"])
    document.addEventListener(kind, (event) => {
      const message = event.target.closest?.(".message");
      if (message) tell(message);
    });
}

let told = null;
const isBusy = () => document.getElementById("composer-action").hasAttribute("data-busy");

function mark() {
  const chat = document.getElementById("main");
  const said = document.querySelector("#thread > :is(.message, .attempt)") !== null;
  set(chat, "data-empty", !said);
  set(chat.querySelector(".chat-foot"), "data-busy", isBusy());
  set(chat.parentElement, "data-alone", document.getElementById("sandbox-live") === null);
  if (told) tell(told);
}

function tell(message) {
  told = message;
  set(message, "data-busy", isBusy());
}

/** Only what differs: each write makes the browser look at what hangs on it. */
function set(element, name, on) {
  if (element.hasAttribute(name) !== on) element.toggleAttribute(name, on);
}
