"""The address by which a server in a sandbox knows itself, where it would refuse its preview's.

Dev servers and frameworks take only a Host and an Origin that they have been told of, for else any
site could use them through a name that leads to 127.0.0.1. `localhost` and what lies below it they
all take. Only addresses of the very sandbox are translated: what another site asks is told as it
is, so whatever an app does against other sites goes on working.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from sandboxes.preview import host
from sandboxes.preview.host import Site

OWN_ORIGIN = {b"origin", b"referer", b"destination"}


@dataclass(frozen=True)
class Inside:
    """The server behind `site`, as what runs beside it would address it. tls: it speaks TLS."""

    site: Site
    tls: bool = False

    @property
    def is_renamed(self) -> bool:
        """Whether the server is told another address than the browser's: the browser's is kept
        where it is accepted, because pages hold addresses that were made from it."""
        name = self.site.host.lower().partition(":")[0]
        return self.tls or not name.endswith(".localhost")

    @property
    def host(self) -> str:
        """The Host header for the server."""
        return f"localhost:{self.site.target.port}" if self.is_renamed else self.site.host

    def told(self, name: bytes, value: bytes) -> bytes:
        """The value of a request's header as the server understands it."""
        if not self.is_renamed or name not in OWN_ORIGIN:
            return value
        try:
            address = urlsplit(value.decode("latin-1").strip())
            port = self._port_of(address.scheme, address.netloc)
        except (ValueError, host.BadHost):
            return value
        if port is None:
            return value
        secure = self.tls and port == self.site.target.port
        rest = address._replace(scheme="", netloc="").geturl()
        return f"{'https' if secure else 'http'}://localhost:{port}{rest}".encode("latin-1")

    def _port_of(self, scheme: str, netloc: str) -> int | None:
        """The port of this sandbox whose preview has that origin; None for any other origin."""
        found = host.parse(netloc)
        if found is None or found.sandbox_id != self.site.target.sandbox_id:
            return None
        own = self.site.address(found.port) == f"{scheme.lower()}://{netloc.lower()}"
        return found.port if own else None
