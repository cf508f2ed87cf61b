"""What people type in of servers that they bring along: a name, an address."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from chat.providers.guarded import refused_literal
from chat.services.storable import storable
from vibe.refusal import Code, Refusal


def name(text: str, kind: str, most: int) -> str:
    """A name of one line. Raises Refusal(invalid); `kind` says of what."""
    text = " ".join(storable(text).split())
    if not text or len(text) > most or not text.isprintable():
        raise Refusal(f"The {kind} needs a name.", f"One to {most} characters, as you call it.")
    return text


def address(text: str, example: str, most: int) -> str:
    """An http(s) address with a host and nothing beside its path. Raises Refusal(invalid)."""
    text = text.strip()
    hint = f"It looks like {example}, without a user, a question mark or a #."
    try:
        parts = urlsplit(text)
        host, _port = _ascii_host(text), parts.port
    except ValueError:
        raise Refusal("The address cannot be read.", hint) from None
    fits = (
        parts.scheme in ("http", "https")
        and host
        and not (parts.query or parts.fragment or "@" in parts.netloc)
        and text.isascii()
        and text.isprintable()
        and not re.search(r"[\s\\]", text)
        and len(text) <= most
    )
    if not fits:
        raise Refusal("The address cannot be used.", hint)
    return text


def refuse_private(url: str, kind: str, setting: str) -> None:
    """Raises Refusal(denied) where the address names a machine that is not public. Names are
    looked at when they are connected to."""
    host = _ascii_host(url)
    if why := refused_literal(host):
        raise Refusal(
            f"{host} is {why}, where a {kind} of one's own may not lie.",
            f"Whoever runs the platform can add it for everybody, or allow it by {setting}.",
            Code.DENIED,
        )


def is_elsewhere(url: str, before: str) -> bool:
    """Whether a secret that was given for `before` is not for this address: another scheme, host
    or port."""
    return _origin(url) != _origin(before)


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()


def _ascii_host(url: str) -> str:
    return (urlsplit(url).hostname or "").encode("idna").decode("ascii")
