// With `up --reload`: reloads this page when what it was made of has changed.

import { request } from "./http.js";

const PAUSE = 300;
const madeOf = document.querySelector("meta[name=made-of]").content;

async function look() {
  try {
    const now = await request("GET", "/reload/");
    if (now.made_of !== madeOf) {
      location.reload();
      return;
    }
  } catch {
    // The server is being started again.
  }
  setTimeout(look, PAUSE);
}

look();
