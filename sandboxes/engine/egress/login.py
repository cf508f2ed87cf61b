"""Credentials of this machine for its package registries, and the one place where each may go."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote

MOST_DECODINGS = 5


@dataclass(frozen=True)
class Login:
    """`authorization` is a header's value for requests to this origin, at or below `path`, which
    ends in a slash."""

    scheme: str
    host: str
    port: int
    path: str
    authorization: str = field(repr=False)

    def covers(self, scheme: str, host: str, port: int, target: str) -> bool:
        """Whether a request for `target` (path and query) of this origin may have it."""
        if (self.scheme, self.host, self.port) != (scheme, host, port):
            return False
        path = _plain(target.partition("?")[0])
        return path is not None and (path + "/").startswith(self.path)


def usable(authorization: str) -> bool:
    """Whether a header can hold it; what cannot is left out, so that no error has to quote it."""
    return authorization.isascii() and authorization.isprintable()


def _plain(path: str) -> str | None:
    """The path with every escape undone; None when a server might take it for another one."""
    for _ in range(MOST_DECODINGS):
        decoded = unquote(path)
        if decoded == path:
            break
        path = decoded
    else:
        return None
    if "\\" in path:
        return None
    # Some servers cut parameters off a segment before they look at its dots.
    segments = [segment.partition(";")[0].strip() for segment in path.split("/")]
    return None if {".", ".."} & set(segments) else path
