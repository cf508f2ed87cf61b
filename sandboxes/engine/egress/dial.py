"""From a decision to a connection: resolve, check each address, connect to the checked one."""

from __future__ import annotations

import asyncio
import ssl

from .addresses import AddressCheck, lies_in
from .answers import Refusal, address_refused, not_allowed, not_reached
from .decision import Decision
from .domains import Address
from .relay import Stream
from .resolver import NameUnknown, Resolver
from .traffic import Traffic, connected

CONNECT_SECONDS = 10.0
MOST_ADDRESSES = 4
BUFFER = 64 * 1024


class Dialler:
    """Makes the connections to the outside. The name is resolved once, and it is the checked
    address that gets connected to, so that a name cannot change its mind in between."""

    def __init__(
        self,
        resolver: Resolver | None = None,
        check: AddressCheck | None = None,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self.resolver = resolver or Resolver()
        self.check = check or AddressCheck()
        self.trust = trust or ssl.create_default_context()
        self.trust.set_alpn_protocols(["http/1.1"])

    async def permitted(
        self, decision: Decision, host: str, mode: str, port: int, places: asyncio.Semaphore
    ) -> list[Address]:
        """The host's addresses that the sandbox may reach; raises Refusal. `places`: the sandbox's
        for look-ups of names."""
        if host == "localhost" or host.endswith(".localhost"):  # whatever a resolver makes of it
            raise address_refused(host, "an address of this machine")
        try:
            addresses = await self.resolver.addresses(host, places)
        except NameUnknown as error:
            raise not_reached(host, str(error)) from None
        refused = ""
        kept: list[Address] = []
        for address in addresses:
            words = self.check.refusal(address, trusted=decision.trusted)
            if not words and lies_in(address, decision.denied):
                words = "an address that the network policy denies"
            if words:
                refused = words
            elif decision.within is None or lies_in(address, decision.within):
                kept.append(address)
        if kept:
            return kept[:MOST_ADDRESSES]
        raise address_refused(host, refused) if refused else not_allowed(host, port, mode)

    async def connect(
        self, addresses: list[Address], host: str, port: int, traffic: Traffic
    ) -> Stream:
        """A connection to the first address that takes it; raises Refusal."""
        why = "it does not answer"
        for address in addresses:
            try:
                async with asyncio.timeout(CONNECT_SECONDS / len(addresses) + 2):
                    return await connected(str(address), port, traffic, BUFFER)
            except TimeoutError:
                why = "it does not answer"
            except OSError as error:
                why = (error.strerror or str(error)).lower()
        raise not_reached(f"{host}:{port}", why)

    async def secure(self, stream: Stream, host: str) -> None:
        """Speak TLS with it as a client, its certificate checked; raises Refusal."""
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await stream[1].start_tls(self.trust, server_hostname=host)
        except ssl.SSLCertVerificationError as error:
            raise Refusal(
                502,
                f"The certificate of {host} does not hold: {error.verify_message}",
                "Its issuer must be among this machine's certificates.",
            ) from None
        except (OSError, TimeoutError) as error:
            raise not_reached(host, f"TLS failed ({type(error).__name__})") from None
