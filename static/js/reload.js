// With `up --reload`: reloads this page when what it was made of has changed.

const PAUSE = 300;
const madeOf = document.querySelector("meta[name=made-of]").content;

async function look() {
  try {
    const answer = await fetch("/reload/", { cache: "no-store" });
    if (answer.ok && (await answer.text()) !== madeOf) {
      location.reload();
      return;
    }
  } catch {
    // The server is being started again.
  }
  setTimeout(look, PAUSE);
}

look();
