"""The open ports of sandboxes as a page shows them: number, address, name of the server."""

from __future__ import annotations

import time
from collections.abc import Iterable

from sandboxes.models import Sandbox
from sandboxes.services import ports, servers
from vibe.refusal import Refusal

# Seconds that a page waits for agents: for one, and for those of a whole list.
ONE, ALL = 0.3, 1.0
OpenPort = tuple[int, str, str]


def open_ports(sandbox: Sandbox, timeout: float = ONE) -> list[OpenPort]:
    """Sorted; [] where it does not run or does not answer in time."""
    if not sandbox.is_running:
        return []
    try:
        found = ports.listening(sandbox, timeout)
    except Refusal:
        return []
    names = servers.names(sandbox, found) if found else {}
    return [(port, ports.url(sandbox, port), names.get(port, "")) for port in found]


def of_each(sandboxes: Iterable[Sandbox]) -> list[list[OpenPort]]:
    """The same for each of a list; what does not fit the time has none."""
    until = time.monotonic() + ALL
    return [
        open_ports(one, min(ONE, left)) if (left := until - time.monotonic()) > 0 else []
        for one in sandboxes
    ]
