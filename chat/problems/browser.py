"""What a previewed page reports: hostile, so each field is read as what it must be."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

from chat.problems import noise
from chat.problems.found import BROWSER, CHECK, SERVER, Found
from chat.problems.lines import own_path

# Reported kinds that say what they are of.
ABOUT = {
    "error": "script",
    "rejection": "script",
    "unhandledrejection": "script",
    "console": "console",
    "console.error": "console",
    "request": "request",
    "network": "request",
    "resource": "request",
    "csp": "policy",
}
WARNINGS = frozenset({"warning", "warn", "console.warn"})


def of_report(report: Any) -> Found | None:
    """The error that a report tells of; None for one that is none, or that another road tells."""
    if not isinstance(report, dict):
        return None
    kind = _text(report.get("kind"), 40).lower()
    message = _text(report.get("message"), 2_000)
    stack = _text(report.get("stack"), 3_000)
    url = _text(report.get("url"), 500)
    status = _number(report.get("status"))
    if not message and not url:
        return None
    about = ABOUT.get(kind, "console")
    why = noise.reason(f"{message} {url}") or noise.reason(message)
    if kind in WARNINGS:
        why = why or noise.WARNED
    if about == "request":
        if status >= 500:
            return None  # the proxy has seen it, and knows for sure
        message = message or "A request failed"
        message = (
            f"{message} ({_path_of(url)})" if url and _path_of(url) not in message else message
        )
    source = _text(report.get("source"), 400)
    detail = "\n".join(filter(None, (message, stack, f"on {_path_of(url)}" if url else "")))
    return Found(
        BROWSER,
        about,
        message,
        detail,
        own_path(_path_of(source).lstrip("/")) if source else "",
        _number(report.get("line")),
        _number(report.get("column")),
        noise=why,
        clear=about == "script" or (about == "console" and "Error" in message),
    )


def of_answer(method: str, path: str, status: int, port: int) -> Found:
    """An answer of a server with a status from 500 on."""
    asked = f"{method} {path.partition('?')[0]}"[:200]
    return Found(SERVER, "http", f"{asked} answered {status}", f"{asked} on port {port}: {status}")


def of_check(reason: str) -> Found:
    """A reason for which the platform's check of a turn has failed."""
    first = reason.strip().partition("\n")[0]
    return Found(CHECK, "check", first, reason)


def _path_of(address: str) -> str:
    """The path of an address; what is none comes back as it is."""
    try:
        return unquote(urlsplit(address).path) or address
    except ValueError:
        return address


def _text(value: Any, most: int) -> str:
    return value[:most].replace("\0", "").strip() if isinstance(value, str) else ""


def _number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    return int(value) if 0 <= value <= 10_000_000 else 0
