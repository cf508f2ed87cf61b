// The one door to the server for what htmx does not carry: the header against forgery, and
// failures in words.

const NO_ANSWER = "The server does not answer. Check that Vibe runs, then try again.";
const SIGNED_OUT = "You are signed out. Reload the page to sign in again.";

/**
 * A request that was refused or not answered; its message is meant for the person. `status`: of the
 * refusal, 0 where there was no answer.
 */
export class RequestError extends Error {
  constructor(message, status = 0) {
    super(message);
    this.status = status;
  }
}

export const pageHeaders = () => JSON.parse(document.body.getAttribute("hx-headers:inherited"));

/**
 * Send a request and return what its answer says, or null when that is nothing.
 * `data` goes as JSON; `keepalive`: it still arrives when one leaves the page. Throws RequestError.
 */
export async function request(method, address, { data, keepalive } = {}) {
  const headers = { Accept: "application/json" };
  if (data !== undefined) headers["Content-Type"] = "application/json";
  const body = data && JSON.stringify(data);
  return parsed(await (await answerTo(method, address, { headers, body, keepalive })).text());
}

/**
 * Send a request and return its answer as it comes. Throws RequestError, also when `signal` has
 * stopped it.
 */
export async function answerTo(method, address, { headers, body, keepalive = false, signal } = {}) {
  let answer;
  try {
    answer = await fetch(address, {
      method,
      headers: { ...pageHeaders(), ...headers },
      body,
      keepalive,
      signal,
    });
  } catch {
    throw new RequestError(NO_ANSWER);
  }
  // A page in place of an answer: that of signing in.
  if (answer.redirected) throw new RequestError(SIGNED_OUT);
  if (answer.ok) return answer;
  throw new RequestError(refusal(answer.status, parsed(await answer.text())), answer.status);
}

/**
 * Send a file as it is, telling `progress` how many bytes have gone; returns what the answer says.
 * Throws RequestError, also when `signal` has stopped it.
 */
export function sendFile(address, file, progress, { method = "PUT", signal } = {}) {
  // fetch() does not tell how far it is.
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest();
    sending.open(method, address);
    for (const [name, value] of Object.entries(pageHeaders()))
      sending.setRequestHeader(name, value);
    sending.setRequestHeader("Content-Type", "application/octet-stream");
    sending.upload.addEventListener("progress", (event) => progress(event.loaded));
    sending.addEventListener("load", () => {
      if (sending.status < 400) resolve(parsed(sending.responseText));
      else reject(new RequestError(refusal(sending.status, parsed(sending.responseText))));
    });
    sending.addEventListener("error", () => reject(new RequestError(NO_ANSWER)));
    sending.addEventListener("abort", () => reject(new RequestError("It was stopped.")));
    signal?.addEventListener("abort", () => sending.abort());
    sending.send(file);
  });
}

/** Why a request failed; `status` 0: there was no answer. "" where the page itself tells. */
export function failure(status) {
  if (!status) return NO_ANSWER;
  if (status >= 500)
    return "The server met an error it did not expect. Try again; the reason is in its log.";
  if (status === 404) return "That does not exist any more. Reload the page.";
  if (status === 403) return "You may not do that, or the page is too old. Reload it.";
  return "";
}

function refusal(status, said) {
  // The JSON API says it within `error`, the pages' own addresses at the top.
  const { message = "", hint = "" } = said?.error ?? said ?? {};
  return `${message} ${hint}`.trim() || failure(status) || `The server answered ${status}.`;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
