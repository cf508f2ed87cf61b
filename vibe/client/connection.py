"""HTTP to the server: JSON calls, streams of lines, files."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from typing import IO, Any
from urllib.parse import quote, urlencode, urlsplit
from uuid import uuid4

from vibe.client.config import Config
from vibe.client.errors import ClientError

CHUNK = 256 * 1024
# Longer than any answer of the server takes to begin.
TIMEOUT = 330.0


class Connection:
    """One server and one key. A new HTTP connection for each call: calls are few and long."""

    def __init__(self, config: Config) -> None:
        parts = urlsplit(config.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ClientError(
                f"{config.url} is not an address.", "Use one like https://vibe.example."
            )
        self.url = config.url
        self._secure = parts.scheme == "https"
        self._host, self._port = parts.hostname, parts.port
        self._base = parts.path.rstrip("/") + "/api/v1/"
        self._key = config.key

    def call(self, method: str, path: str, body: Any = None, /, **query: Any) -> Any:
        """Send JSON and return the answer's JSON; None for an empty one. Raises ClientError."""
        payload = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        if method == "POST":
            # A repeated try must not make a second sandbox.
            headers["Idempotency-Key"] = uuid4().hex
        with self.open(method, path, payload, headers, **query) as answer:
            content = answer.read()
        return json.loads(content) if content else None

    def lines(self, path: str, /, **query: Any) -> Iterator[bytes]:
        """The lines of an answer as they come; ends quietly when the connection drops."""
        with self.open("GET", path, None, {}, **query) as answer:
            try:
                yield from iter(answer.readline, b"")
            except (OSError, http.client.HTTPException):
                return

    def open(
        self,
        method: str,
        path: str,
        body: bytes | IO[bytes] | None,
        headers: dict[str, str],
        /,
        **query: Any,
    ) -> http.client.HTTPResponse:
        """Send a request and return the answer to be read and closed. Raises ClientError."""
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        connection = kind(self._host, self._port, timeout=TIMEOUT)
        asked = {key: value for key, value in query.items() if value is not None}
        target = self._base + path + (f"?{urlencode(asked)}" if asked else "")
        sent = {"Authorization": f"Bearer {self._key}", **headers}
        try:
            connection.request(method, target, body, sent, encode_chunked=False)
            answer = connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            why = error.strerror if isinstance(error, socket.error) and error.strerror else error
            raise ClientError(
                f"{self.url} does not answer ({why}).", "Is the server running, the address right?"
            ) from None
        if answer.status >= 400:
            raise _refusal(answer)
        return answer


def part(name: str) -> str:
    """A name as one segment of a path."""
    return quote(name, safe="")


def _refusal(answer: http.client.HTTPResponse) -> ClientError:
    with answer:
        try:
            error = json.loads(answer.read(CHUNK))["error"]
            return ClientError(str(error["message"]), str(error.get("hint", "")))
        except (ValueError, KeyError, TypeError):
            return ClientError(f"The server answered {answer.status} {answer.reason}.")
