"""An address from a configuration, taken apart into what a policy needs and what is secret."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit, urlunsplit

from ..domains import normal_pattern


@dataclass(frozen=True)
class Place:
    """`url` without user name and password; those are in `headers`."""

    url: str
    pattern: str
    headers: dict[str, str] = field(default_factory=dict, repr=False)


def place_of(url: str) -> Place | None:
    """None for what is not on the web, such as a directory."""
    try:
        parts = urlsplit(url.strip())
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return None
        name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        bare = name if parts.port is None else f"{name}:{parts.port}"
        usual = {"http": 80, "https": 443}[parts.scheme]
        pattern = normal_pattern(name if parts.port in (None, usual) else bare)
    except ValueError:
        return None
    headers = {}
    if parts.username is not None:
        headers = basic(unquote(parts.username), unquote(parts.password or ""))
    clean = urlunsplit((parts.scheme, bare, parts.path, parts.query, ""))
    return Place(clean, pattern, headers)


def basic(user: str, password: str) -> dict[str, str]:
    pair = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"authorization": f"Basic {pair}"}
