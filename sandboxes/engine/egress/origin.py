"""Where a request of a program goes: what its target names."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from .answers import Refusal
from .domains import normal_host, split_port


@dataclass(frozen=True)
class Origin:
    scheme: str
    host: str
    port: int

    @property
    def authority(self) -> str:
        name = f"[{self.host}]" if ":" in self.host else self.host
        usual = 443 if self.scheme == "https" else 80
        return name if self.port == usual else f"{name}:{self.port}"


def authority_of(target: bytes) -> tuple[str, int]:
    """Host and port of a CONNECT request; raises Refusal."""
    try:
        text = target.decode("ascii")
        if "@" in text:  # not to be quoted: it may be a password
            raise ValueError("CONNECT names a host and a port, and no user.")
        name, port = split_port(text)
        if port is None:
            raise ValueError("CONNECT names a host and a port.")
        return normal_host(name), port
    except (ValueError, UnicodeDecodeError) as error:
        raise Refusal(400, str(error).rstrip("."), "Ask for host:port.") from None


def asks_for(host: bytes, origin: Origin) -> bool:
    """Whether a Host header means this origin; one without a port means the origin's own."""
    try:
        name, port = split_port(host.decode("ascii"))
        return normal_host(name) == origin.host and port in (None, origin.port)
    except (ValueError, UnicodeDecodeError):
        return False


def origin_of(target: bytes) -> tuple[Origin, str]:
    """Origin and path of a request with a whole address; raises Refusal."""
    try:
        parts = urlsplit(target.decode("ascii"))
        if parts.scheme.lower() != "http" or "@" in parts.netloc:
            raise ValueError("The proxy takes http://host/path, and CONNECT for everything else.")
        name, port = split_port(parts.netloc)
        host = normal_host(name)
    except (ValueError, UnicodeDecodeError) as error:
        raise Refusal(400, str(error).rstrip("."), "Set HTTP_PROXY and HTTPS_PROXY.") from None
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Origin("http", host, port or 80), path
