// What Swagger UI leaves to its page: its dark sheet, and buttons that hold nothing else to focus.
// A classic script in the head, so that no light page flashes up in the dark.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const choose = () => {
    const { theme } = root.dataset;
    root.classList.toggle("dark-mode", theme === "dark" || (theme !== "light" && system.matches));
  };
  choose();
  system.addEventListener("change", choose);

  // A link within the button that opens an operation; the button sets the same address.
  const unlink = () => {
    for (const link of document.querySelectorAll("button a[href]")) link.removeAttribute("href");
  };
  new MutationObserver(unlink).observe(root, { childList: true, subtree: true });
})();
