"""What the worker holds of a sandbox's ways to the proxy, also while there is no proxy."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import Any

from ..link import ends, ports
from .decision import named_ports
from .policy import parse
from .registries import Registries


@dataclass
class Served:
    """A sandbox's ways to the proxy: its listening socket, and the other end of its interface (see
    link.ends), which is empty where it has none."""

    listener: socket.socket
    policy: dict[str, Any]
    link: list[socket.socket]

    def first_calls(self) -> list[socket.socket]:
        """One of these can be read as soon as a program wants out."""
        names = (ends.UDP_NAMES, ends.TCP_GREETINGS)
        return [self.listener, *(self.link[number] for number in names if self.link)]

    def follow(self, registries: Registries) -> None:
        """Open the ports that the policy names, while there is no proxy that does. Who connects
        there before it has started must find somebody who listens."""
        if not self.link:
            return
        there = ports.bound(self.link)
        missing = sorted(named_ports(parse(self.policy), registries) - {*there, ends.DNS_PORT})
        left = ends.MORE_PORTS - len(there.keys() - set(ends.PORTS))
        self.link.extend(ports.listen(self.link, missing[: max(left, 0)]).values())

    def close(self) -> None:
        for sock in (self.listener, *self.link):
            sock.close()
