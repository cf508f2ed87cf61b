// The text of a sandbox's file with its version, read and written as bytes.

import { answerTo, RequestError } from "./http.js";

const addressOf = (sandbox, path) =>
  `/api/v1/sandboxes/${sandbox}/files/content?path=${encodeURIComponent(path)}`;
const etagOf = (answer) => answer.headers.get("ETag")?.replace(/^(?:W\/)?"|"$/g, "") ?? "";

/** `{text, crlf, version}`: its lines end with "\n", or all with "\r\n"; null where it is gone. */
export async function readFile(sandbox, path) {
  const answer = await orNull(answerTo("GET", addressOf(sandbox, path)));
  if (!answer) return null;
  const version = etagOf(answer);
  // A mark at the start is part of the text: it is written again.
  const all = decoded(await answer.arrayBuffer(), path);
  const crlf = /\r\n/.test(all) && !/(?:^|[^\r])\n/.test(all);
  return { text: crlf ? all.replaceAll("\r\n", "\n") : all, crlf, version };
}

/** What changes whenever the file does; null where it is gone. */
export async function versionOf(sandbox, path) {
  const answer = await orNull(answerTo("HEAD", addressOf(sandbox, path)));
  return answer && etagOf(answer);
}

/**
 * Write over `version` of it, "" for a file that is not there, and return the new version.
 * Throws RequestError, of status 409 when it has another version by now.
 */
export async function writeFile(sandbox, path, { text, crlf, version }) {
  const answer = await answerTo("PUT", addressOf(sandbox, path), {
    headers: {
      "Content-Type": "application/octet-stream",
      ...(version ? { "If-Match": `"${version}"` } : { "If-None-Match": "*" }),
    },
    body: crlf ? text.replaceAll("\n", "\r\n") : text,
  });
  return (await answer.json()).version;
}

function decoded(bytes, path) {
  try {
    return new TextDecoder("utf-8", { ignoreBOM: true, fatal: true }).decode(bytes);
  } catch {
    throw new RequestError(`${path} is no text in UTF-8 by now. Close it here and download it.`);
  }
}

async function orNull(asked) {
  try {
    return await asked;
  } catch (error) {
    if (error.status === 404) return null;
    throw error;
  }
}
