"""What has to be known of a browser by its name, because it says it in no other way."""

from __future__ import annotations


def is_webkit(headers: dict[bytes, bytes]) -> bool:
    """Whether Safari, or another of its engine, sent these headers. It holds plain HTTP for unsafe
    on this machine, too, and asks the system for names below "localhost"."""
    agent = headers.get(b"user-agent", b"")
    return b"AppleWebKit/" in agent and b"Chrome/" not in agent and b"Chromium/" not in agent


def is_program(headers: dict[bytes, bytes]) -> bool:
    """Whether these headers are of no browser. All of those call themselves Mozilla, and what a
    page in one asks for says in `Sec-Fetch-Site`, which no page can leave out, where it is from."""
    agent = headers.get(b"user-agent", b"")
    return not agent.startswith(b"Mozilla/") and b"sec-fetch-site" not in headers
