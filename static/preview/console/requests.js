// A part of what sandboxes/preview/injection puts into pages, all within one function: requests that
// failed, of elements, fetch and XMLHttpRequest.

function resourceFailed(failed) {
  const url = failed.currentSrc || failed.src || failed.href || "";
  if (!url || typeof url !== "string") return;
  later(() => {
    const seen = performance.getEntriesByName(url).pop();
    const status = seen?.responseStatus || 0;
    const why = status >= 400 ? `answered ${status}` : "did not load";
    add("resource", `<${failed.localName}> ${url} ${why}`, { url, status });
  }, 50);
}

function requestFailed(method, url, status, why) {
  const said = status ? `answered ${status}` : `failed${why ? `: ${why}` : ""}`;
  add("request", `${method} ${url} ${said}`, { url, method, status });
}

const originalFetch = window.fetch;
if (typeof originalFetch === "function") {
  window.fetch = {
    fetch(...given) {
      const answer = originalFetch.apply(this === undefined ? window : this, given);
      quietly(() => {
        const [what, options] = given;
        const method = cut(options?.method || what?.method || "GET").toUpperCase();
        const url = new URL(what?.url ? what.url : String(what), document.baseURI).href;
        answer.then(
          ({ status }) => status >= 400 && requestFailed(method, url, status),
          (fault) =>
            fault && fault.name !== "AbortError" && requestFailed(method, url, 0, fault.message),
        );
      });
      return answer;
    },
  }.fetch;
}

const requests = window.XMLHttpRequest && XMLHttpRequest.prototype;
if (requests) {
  const asked = new WeakMap();
  const { open } = requests;
  requests.open = {
    open(...given) {
      quietly(() => {
        const isNew = !asked.has(this);
        asked.set(this, [
          cut(given[0]).toUpperCase(),
          new URL(String(given[1]), document.baseURI).href,
        ]);
        if (!isNew) return;
        this.addEventListener(
          "load",
          () => this.status >= 400 && requestFailed(...asked.get(this), this.status),
        );
        this.addEventListener("error", () => requestFailed(...asked.get(this), 0));
        this.addEventListener("timeout", () =>
          requestFailed(...asked.get(this), 0, "no answer in time"),
        );
      });
      return open.apply(this, given);
    },
  }.open;
}
