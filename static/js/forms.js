// A form that came by the socket was rendered without a request, so without the word against
// forgery; the page has it.

import { element } from "./elements.js";
import { pageHeaders } from "./http.js";

const NAME = "csrfmiddlewaretoken";

export function startForms() {
  document.addEventListener(
    "submit",
    ({ target: form }) => {
      if (form.method !== "post" || form.elements.namedItem(NAME)) return;
      if (new URL(form.action).origin !== location.origin) return;
      const word = element("input");
      Object.assign(word, { type: "hidden", name: NAME, value: pageHeaders()["X-CSRFToken"] });
      form.append(word);
    },
    true,
  );
}
