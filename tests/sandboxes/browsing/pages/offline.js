self.addEventListener("fetch", () => undefined);
