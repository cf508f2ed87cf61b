"""Which ports of sandboxes have answered in HTTP and which have not, as previews have found.

Only of this process, which serves previews and pages alike: a page chooses by it what to show.
"""

from __future__ import annotations

from collections import OrderedDict

SESSIONS, PORTS = 2048, 64
_heard: OrderedDict[str, OrderedDict[int, bool]] = OrderedDict()


def heard(session_id: str, port: int, *, http: bool) -> None:
    """A server on the port gave an answer, or something else. One that has spoken HTTP once and
    fails later does speak it."""
    ports = _heard.setdefault(session_id, OrderedDict())
    _heard.move_to_end(session_id)
    ports[port] = http or ports.get(port, False)
    ports.move_to_end(port)
    if len(ports) > PORTS:
        ports.popitem(last=False)
    if len(_heard) > SESSIONS:
        _heard.popitem(last=False)


def forget(session_id: str, port: int) -> None:
    """Nothing listens there any more; what comes next may be another."""
    _heard.get(session_id, OrderedDict()).pop(port, None)


def other(session_id: str) -> list[int]:
    """The ports whose servers do not speak HTTP, sorted."""
    return sorted(port for port, http in _heard.get(session_id, {}).items() if not http)
