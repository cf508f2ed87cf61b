"""What a turn in a real sandbox has left: its cards, its words, the page that is served."""

from __future__ import annotations

import time

from sandboxes.services import ports


def cards(found) -> list[tuple[str, str]]:
    return [(part.tool, part.state) for part in found if part.kind == "tool_call"]


def answer(found) -> str:
    return "\n".join(part.text for part in found if part.kind == "text")


def fetch(sandbox, port: int) -> str:
    """The page that a server in the sandbox answers with."""
    with ports.connect(sandbox.pk, port) as connection:
        connection.settimeout(5)
        connection.sendall(b"GET / HTTP/1.0\r\nHost: test\r\n\r\n")
        received = b""
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            try:
                more = connection.recv(65536)
            except TimeoutError:
                break
            if not more:
                break
            received += more
    return received.decode()
