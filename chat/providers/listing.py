"""Asks an OpenAI-compatible server which models it has."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from typing import Any

TIMEOUT = 2.0
KEEP_SECONDS = 300.0
# A server that does not answer is asked again soon, yet does not slow down every page.
KEEP_FAILURE_SECONDS = 20.0
BODY_LIMIT = 2_000_000
NAMES_LIMIT = 200

_lock = threading.Lock()
_known: dict[tuple[str, str], tuple[float, tuple[str, ...]]] = {}


def names_at(base_url: str, key: str = "") -> tuple[str, ...]:
    """Names from `{base_url}/models`, kept for five minutes; empty when it cannot be asked."""
    with _lock:
        until, names = _known.get((base_url, key), (0.0, ()))
        if time.monotonic() < until:
            return names
        names = _ask(base_url, key)
        keep = KEEP_SECONDS if names else KEEP_FAILURE_SECONDS
        _known[base_url, key] = (time.monotonic() + keep, names)
        return names


def forget() -> None:
    """Ask anew next time."""
    with _lock:
        _known.clear()


def _ask(base_url: str, key: str) -> tuple[str, ...]:
    if not base_url.startswith(("http://", "https://")):
        return ()
    request = urllib.request.Request(base_url.rstrip("/") + "/models")  # noqa: S310 - http, see above
    request.add_header("Accept", "application/json")
    if key:
        request.add_header("Authorization", f"Bearer {key}")
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as response:  # noqa: S310 - http, see above
            body = json.loads(response.read(BODY_LIMIT))
    except (OSError, ValueError):
        return ()
    return tuple(_names(body))[:NAMES_LIMIT]


def _names(body: Any) -> list[str]:
    entries = body.get("data") if isinstance(body, dict) else None
    if not isinstance(entries, list):
        return []
    found = [entry.get("id") for entry in entries if isinstance(entry, dict)]
    return [name for name in found if isinstance(name, str) and name]
