"""An address from a configuration, taken apart into what a policy needs and what is secret."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from ..domains import normal_host, normal_pattern
from ..login import Login, usable

USUAL_PORTS = {"http": 80, "https": 443}
# The page of an index; the files that it links to lie beside it.
INDEX_PAGES = ("simple", "+simple")


@dataclass(frozen=True)
class Place:
    """`url` without user name and password; what they are good for is in `login`."""

    url: str
    pattern: str
    login: Login | None = field(default=None, repr=False)

    @property
    def logins(self) -> tuple[Login, ...]:
        return () if self.login is None else (self.login,)


def place_of(url: str) -> Place | None:
    """None for what is not on the web, such as a directory."""
    try:
        parts = urlsplit(url.strip())
        if parts.scheme not in USUAL_PORTS or not parts.hostname:
            return None
        name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        bare = name if parts.port is None else f"{name}:{parts.port}"
        usual = USUAL_PORTS[parts.scheme]
        pattern = normal_pattern(name if parts.port in (None, usual) else bare)
    except ValueError:
        return None
    login = None
    if parts.username is not None:
        pair = basic(unquote(parts.username), unquote(parts.password or ""))
        login = login_at(parts, _directory(parts.path), pair)
    return Place(urlunsplit((parts.scheme, bare, parts.path, "", "")), pattern, login)


def login_at(parts: SplitResult, path: str, authorization: str) -> Login | None:
    """Credentials for the origin of an address, at or below `path`. Raises ValueError."""
    if not usable(authorization):
        return None
    port = parts.port or USUAL_PORTS[parts.scheme]
    below = "/" + "".join(f"{segment}/" for segment in path.split("/") if segment)
    return Login(parts.scheme, normal_host(parts.hostname or ""), port, below, authorization)


def basic(user: str, password: str) -> str:
    """The value of an Authorization header."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def _directory(path: str) -> str:
    """Where the files of an index lie: pip takes credentials there from the index's address."""
    above, _, last = path.rstrip("/").rpartition("/")
    page = last in INDEX_PAGES or (last.endswith((".html", ".htm")) and not path.endswith("/"))
    return above if page else path
