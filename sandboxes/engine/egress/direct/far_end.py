"""The other end of a sandbox's interface: takes in whatever comes there."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Coroutine
from ipaddress import IPv4Address
from typing import Any, Protocol

from ...link import ends, ports
from ..decision import NOT_IN_POLICY
from .address_book import AddressBook
from .name_server import NameServer
from .packets import destination

# Further connections wait in the kernel's queue, and then for their program to try again, so that
# one that opens them as fast as it can takes no time from other sandboxes.
EACH_SECOND, AT_ONCE = 500.0, 1000.0
PAUSE = 0.05
TURN = 32  # connections or packets, before others have their turn
PACKET_BYTES = 128
KEPT_FOR_NAMES = 16  # ports that a program cannot use up by trying ports of allowed addresses
NO_UDP = "UDP is not carried, only TCP and questions for names"
NO_MORE = "no further port can be opened for this sandbox; its proxy serves every port"
OPENED = "this port is open from now on, because the network policy allows the address: try again"


class Door(Protocol):
    """What decides over a sandbox's connections, and keeps a journal of them."""

    def allows(self, host: str, port: int) -> bool: ...

    def note(self, host: str, port: int, allowed: bool, reason: str) -> None: ...


class FarEnd:
    """`connected` gets each connection; it takes over the socket."""

    def __init__(
        self,
        door: Door,
        book: AddressBook,
        names: NameServer,
        connected: Callable[[socket.socket], Coroutine[Any, Any, None]],
    ) -> None:
        self._door = door
        self._book = book
        self._names = names
        self._connected = connected
        self._packets: list[socket.socket] = []
        self._listening: dict[int, socket.socket] = {}
        self._sockets: list[socket.socket] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._left, self._at = AT_ONCE, time.monotonic()
        self._pauses: dict[socket.socket, asyncio.TimerHandle] = {}

    async def open(self, sockets: list[socket.socket]) -> None:
        """Takes over all of them, which are in the order of `link.ends`."""
        loop = asyncio.get_running_loop()
        others, greetings = sockets[ends.UDP_OTHER], sockets[ends.TCP_GREETINGS]
        self._packets = [others, greetings]
        self._sockets = sockets
        for port, sock in ports.bound(sockets).items():
            self._listen(sock, port)
        await self._names.open(sockets[ends.UDP_NAMES], sockets[ends.TCP_NAMES])
        for sock, seen in ((others, self._datagram), (greetings, self._greeting)):
            sock.setblocking(False)
            loop.add_reader(sock, self._read_packets, sock, seen)

    def follow(self, wanted: set[int]) -> None:
        """Open ports that are not, for as long as there may be more."""
        missing = sorted(wanted - {*self._listening, ends.DNS_PORT})
        for port, sock in ports.listen(self._sockets, missing[: self._ports_left()]).items():
            self._listen(sock, port)

    @property
    def listening(self) -> set[int]:
        return set(self._listening)

    def _ports_left(self) -> int:
        return max(ends.MORE_PORTS - len(self._listening.keys() - set(ends.PORTS)), 0)

    async def close(self) -> None:
        loop = asyncio.get_running_loop()
        for pause in self._pauses.values():
            pause.cancel()
        for sock in (*self._packets, *self._listening.values()):
            loop.remove_reader(sock)
            sock.close()
        for sock in self._sockets[ends.CALLED : ends.FIXED]:
            sock.close()
        await self._names.close()
        for task in (tasks := list(self._tasks)):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _listen(self, sock: socket.socket, port: int) -> None:
        sock.setblocking(False)
        self._listening[port] = sock
        asyncio.get_running_loop().add_reader(sock, self._accept, sock)

    def _accept(self, listener: socket.socket) -> None:
        for _ in range(TURN):
            if self._is_too_fast():
                self._pause(listener, self._accept, listener)
                return
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            task = asyncio.get_running_loop().create_task(self._connected(sock))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _is_too_fast(self) -> bool:
        now = time.monotonic()
        self._left = min(AT_ONCE, self._left + (now - self._at) * EACH_SECOND)
        self._at = now
        if self._left < 1:
            return True
        self._left -= 1
        return False

    def _read_packets(self, sock: socket.socket, seen: Callable[[str, int], None]) -> None:
        """What comes in a flood is lost: this only tells what a program tried."""
        for _ in range(TURN):
            try:
                packet = sock.recv(PACKET_BYTES)
            except OSError:
                return
            if place := destination(packet):
                address, port = place
                seen(self._book.name_of(address) or str(address), port)
        self._pause(sock, self._read_packets, sock, seen)

    def _pause(self, sock: socket.socket, go_on: Callable[..., None], *args: Any) -> None:
        loop = asyncio.get_running_loop()
        loop.remove_reader(sock)

        def again() -> None:
            del self._pauses[sock]
            loop.add_reader(sock, go_on, *args)

        self._pauses[sock] = loop.call_later(PAUSE, again)

    def _datagram(self, host: str, port: int) -> None:
        if not _is_for_many(host):
            self._door.note(host, port, False, NO_UDP)

    def _greeting(self, host: str, port: int) -> None:
        """The kernel has refused it already, where nothing listens at the port."""
        if port in self._listening or port == ends.DNS_PORT:
            return
        why = NOT_IN_POLICY
        if self._door.allows(host, port):
            if self._ports_left() > KEPT_FOR_NAMES:
                self.follow({port})
            why = OPENED if port in self._listening else NO_MORE
        self._door.note(host, port, False, why)


def _is_for_many(host: str) -> bool:
    """Whether it is no host that somebody asked for: programs look around in their network."""
    try:
        address = IPv4Address(host)
    except ValueError:
        return False
    return address.is_multicast or address == IPv4Address("255.255.255.255")
