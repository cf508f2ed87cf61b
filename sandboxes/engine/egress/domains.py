"""Host names and the patterns of a policy: normalised, so that one name has one spelling."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address

LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
MAX_NAME = 253
EVERY = "*"
WEB_PORTS = (80, 443)

Address = IPv4Address | IPv6Address


def normal_host(text: str) -> str:
    """A host name in lower case without a final dot, or an address in its short form.

    Raises ValueError for anything that is neither; a name is what DNS can hold, so nothing like
    `user@host` or a number in the spelling of C (`0x7f.1`) passes as a name.
    """
    if address := as_address(text):
        return str(address)
    try:
        name = text.removesuffix(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise ValueError(f"{text[:80]!r} is not a host name.") from None
    labels = name.split(".")
    if len(name) > MAX_NAME or not all(LABEL.fullmatch(label) for label in labels):
        raise ValueError(f"{text[:80]!r} is not a host name.")
    if _is_number(labels[-1]):
        raise ValueError(f"{text[:80]!r} is neither a host name nor an address.")
    return name


def as_address(host: str) -> Address | None:
    """The address that a host is written as, brackets of IPv6 taken off; None for a name."""
    inner = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if "%" in inner:  # a zone is a matter of this machine's interfaces
        return None
    try:
        return ip_address(inner)
    except ValueError:
        return None


def normal_pattern(text: str) -> str:
    """`host`, `*.domain` or `*`, each with an optional `:port`; raises ValueError."""
    host, port = split_port(text.strip())
    if host == EVERY:
        normal = EVERY
    elif host.startswith("*."):
        if as_address(host[2:]):
            raise ValueError(f"{text[:80]!r}: addresses are ranges in CIDR form, not wildcards.")
        normal = "*." + normal_host(host[2:])
    else:
        normal = normal_host(host)
    if ":" in normal:
        normal = f"[{normal}]"
    return normal if port is None else f"{normal}:{port}"


def split_port(text: str) -> tuple[str, int | None]:
    """`host:port` taken apart; the port is None where there is none. Raises ValueError."""
    host, colon, port = text.rpartition(":")
    if not colon or text.endswith("]") or as_address(text):
        return text, None
    if not port.isdecimal() or not port.isascii() or not 0 < int(port) < 65536:
        raise ValueError(f"{text[:80]!r}: a port is a number from 1 to 65535.")
    return host, int(port)


def best_pattern(patterns: list[str], host: str, port: int) -> str | None:
    """The most particular pattern that covers the host: itself, the longest wildcard, `*`.

    A pattern without a port covers 80 and 443. `*.domain` covers names below it, not itself.
    """
    best: str | None = None
    best_rank = (-1, -1)
    for pattern in patterns:
        name, wanted = split_port(pattern)
        if (wanted is None and port not in WEB_PORTS) or wanted not in (None, port):
            continue
        rank = _rank(name.strip("[]"), host)
        if rank >= 0 and (rank, wanted is not None) > best_rank:
            best, best_rank = pattern, (rank, wanted is not None)
    return best


def covers(pattern: str, host: str) -> bool:
    """Whether the host is one of the pattern's, at whatever port."""
    return _rank(split_port(pattern)[0].strip("[]"), host) >= 0


def _rank(name: str, host: str) -> int:
    if name == EVERY:
        return 0
    if name.startswith("*."):
        return len(name) if host.endswith(name[1:]) and not as_address(host) else -1
    return MAX_NAME + 2 if name == host else -1


def _is_number(label: str) -> bool:
    """Whether C libraries would read a name with this last label as an address."""
    return label.isdecimal() or bool(re.fullmatch(r"0x[0-9a-f]*", label))
