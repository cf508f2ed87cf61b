// Light, dark, or as the system has it.

import { notify } from "./notices.js";
import { remember } from "./preferences.js";

const NEXT = { system: "light", light: "dark", dark: "system" };
const WORDS = { system: "Theme: as the system.", light: "Theme: light.", dark: "Theme: dark." };

export function startTheme() {
  document.getElementById("theme")?.addEventListener("click", () => {
    const root = document.documentElement;
    root.dataset.theme = NEXT[root.dataset.theme] ?? "light";
    remember({ theme: root.dataset.theme });
    notify(WORDS[root.dataset.theme], "info");
  });
}
