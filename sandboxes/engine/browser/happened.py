"""What a page does, as the browser tells it: kept within bounds, in the order in which it came."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

MOST, TEXT = 300, 400
# What browsers and their tools ask for unbidden.
UNASKED = ("/favicon.ico", "/apple-touch-icon", "/.well-known/", "/robots.txt")
LOST_LOADS = 12  # of the page itself, without anybody's doing
ASKED_FIRST = (401, 403)  # what a page is told that only asks who is signed in


@dataclass
class Request:
    url: str
    method: str
    kind: str
    body: str = ""
    status: int = 0
    error: str = ""
    own: bool = True
    main: bool = False
    at: float = field(default_factory=time.monotonic)

    @property
    def path(self) -> str:
        parts = urlsplit(self.url)
        query = f"?{parts.query}" if parts.query else ""
        where = f"{parts.path or '/'}{query}" if self.own else self.url
        return where[:200]


class Happened:
    """Of one page. `errors`: (kind, text) in the words of the page."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.requests: dict[str, Request] = {}
        self.errors: list[tuple[str, str]] = []
        self.console: list[dict[str, str]] = []
        self.dialogs: list[str] = []
        self.signs: list[str] = []  # reactions that are neither of these
        self.loads = 0
        self.loaded = False
        self.crashed = False
        self.sockets_sent: list[str] = []
        self.last = time.monotonic()

    def take(self, method: str, params: dict[str, Any]) -> None:
        """Note an event of the DevTools protocol. Any of its fields may be anything."""
        handler = getattr(self, "_" + method.replace(".", "_"), None)
        if handler is not None:
            handler(params)

    @property
    def pending(self) -> list[Request]:
        """What is still waited for, sockets and streams aside."""
        return [
            one for one in self.requests.values()
            if not one.status and not one.error and one.kind not in ("WebSocket", "EventSource")
        ]  # fmt: skip

    def failed(self, since: float = 0.0) -> list[str]:
        """Requests to the app itself that came to nothing, in a line each."""
        found = []
        for one in self.requests.values():
            if not one.own or one.at < since or any(word in one.url for word in UNASKED):
                continue
            asks = one.kind in ("XHR", "Fetch")
            if one.status >= 400 and not (asks and one.status in ASKED_FIRST):
                found.append(f"{one.method} {one.path} → {one.status}")
            elif one.error and one.error not in ("net::ERR_ABORTED", "net::ERR_BLOCKED_BY_CLIENT"):
                found.append(f"{one.method} {one.path}: {one.error.removeprefix('net::')}")
        return found

    def strangers(self) -> list[str]:
        """Hosts besides the app that the page asks for and does not get here."""
        found = {urlsplit(one.url).netloc for one in self.requests.values() if not one.own}
        return sorted(host for host in found if host)[:10]

    def _Network_requestWillBeSent(self, params: dict[str, Any]) -> None:
        asked = params.get("request") or {}
        url = str(asked.get("url"))[:2000]
        if not url.startswith(("http:", "https:")) or len(self.requests) >= MOST:
            return
        self.last = time.monotonic()
        number = str(params.get("requestId"))
        led = params.get("redirectResponse")
        if led and (before := self.requests.pop(number, None)) is not None:
            # The same number goes on with what it was led to; what was sent stays sent.
            status = led.get("status")
            before.status = status if isinstance(status, int) else before.status
            self.requests[f"{number} {len(self.requests)}"] = before
        self.requests[number] = Request(
            url,
            str(asked.get("method"))[:10],
            str(params.get("type"))[:20],
            str(asked.get("postData") or "")[:20_000],
            own=url.startswith(self.origin + "/"),
            main=params.get("type") == "Document",
        )

    def _Network_responseReceived(self, params: dict[str, Any]) -> None:
        found = self.requests.get(str(params.get("requestId")))
        status = (params.get("response") or {}).get("status")
        if found is not None and isinstance(status, int):
            found.status = status
            self.last = time.monotonic()

    def _Network_loadingFailed(self, params: dict[str, Any]) -> None:
        found = self.requests.get(str(params.get("requestId")))
        if found is not None and not found.error:
            found.error = str(params.get("errorText"))[:100] or "failed"
            self.last = time.monotonic()

    def _Network_webSocketFrameSent(self, params: dict[str, Any]) -> None:
        if len(self.sockets_sent) < MOST:
            text = (params.get("response") or {}).get("payloadData")
            self.sockets_sent.append(str(text)[:2000])

    def _Runtime_consoleAPICalled(self, params: dict[str, Any]) -> None:
        kind = str(params.get("type"))[:20]
        given = params.get("args")
        words = [_said(one) for one in given[:10]] if isinstance(given, list) else []
        text = " ".join(words)[:TEXT]
        self._say(kind, text)
        # Warnings of frameworks' development builds are told as errors, and named so.
        if kind in ("error", "assert") and not text.startswith("Warning:"):
            self._fault("console", text)

    def _Runtime_exceptionThrown(self, params: dict[str, Any]) -> None:
        told = params.get("exceptionDetails") or {}
        thrown = told.get("exception") or {}
        text = str(thrown.get("description") or thrown.get("value") or told.get("text"))
        where = str(told.get("url") or "").removeprefix(self.origin)
        line = told.get("lineNumber")
        place = f" ({where}:{line + 1})" if where and isinstance(line, int) else ""
        first = text.split("\n", 1)[0][: TEXT - 100]
        self._say("exception", first + place[:100])
        self._fault("exception", first + place[:100])

    def _Log_entryAdded(self, params: dict[str, Any]) -> None:
        entry = params.get("entry") or {}
        text, source = str(entry.get("text"))[:TEXT], str(entry.get("source"))
        level = str(entry.get("level"))[:20]
        self._say(level, text)
        # Requests that failed are told by themselves, with their method.
        if level == "error" and source in ("security", "javascript", "worker"):
            self._fault("console", text)

    def _Page_javascriptDialogOpening(self, params: dict[str, Any]) -> None:
        if len(self.dialogs) < MOST:
            self.dialogs.append(str(params.get("message"))[:TEXT])

    def _Page_loadEventFired(self, _params: dict[str, Any]) -> None:
        self.loaded = True

    def _Page_frameNavigated(self, params: dict[str, Any]) -> None:
        if not (params.get("frame") or {}).get("parentId"):
            self.loads += 1
            self.loaded = False

    def _Page_windowOpen(self, params: dict[str, Any]) -> None:
        self._sign(f"opened {str(params.get('url'))[:200]}")

    def _Page_fileChooserOpened(self, _params: dict[str, Any]) -> None:
        self._sign("asked for a file")

    def _Page_downloadWillBegin(self, params: dict[str, Any]) -> None:
        self._sign(f"offered {str(params.get('suggestedFilename'))[:100]}")

    def _Runtime_bindingCalled(self, params: dict[str, Any]) -> None:
        self._sign(str(params.get("payload"))[:40])

    def _Inspector_targetCrashed(self, _params: dict[str, Any]) -> None:
        self.crashed = True

    def _sign(self, text: str) -> None:
        if len(self.signs) < MOST:
            self.signs.append(text)

    def _say(self, kind: str, text: str) -> None:
        if len(self.console) < MOST:
            self.console.append({"kind": kind, "text": text})

    def _fault(self, kind: str, text: str) -> None:
        if len(self.errors) < MOST:
            self.errors.append((kind, text))


def _said(value: Any) -> str:
    if not isinstance(value, dict):
        return ""
    if "value" in value:
        return str(value["value"])[:TEXT]
    return str(value.get("description") or value.get("type") or "").split("\n", 1)[0][:TEXT]
