"""Headers that a server of tools wants to be sent: checked, and sealed as they lie in rows."""

from __future__ import annotations

import json
import re

from chat.providers import sealing
from chat.providers.errors import ProviderError
from chat.tool_servers.failure import ServerFailed
from vibe import redaction
from vibe.refusal import Refusal

MOST, VALUE_LENGTH = 10, 2_000
# They are the connection's own.
TAKEN = {
    "accept", "accept-encoding", "connection", "content-length", "content-type", "expect", "host",
    "mcp-protocol-version", "mcp-session-id", "te", "trailer", "transfer-encoding", "upgrade",
}  # fmt: skip


def parsed(lines: str) -> dict[str, str]:
    """Headers as people type them, `Name: value` a line. Raises Refusal(invalid)."""
    found: dict[str, str] = {}
    for line in filter(None, map(str.strip, lines.splitlines())):
        name, colon, value = line.partition(":")
        if not colon:
            raise Refusal("A header has no colon.", "Write “Name: value”, one a line.")
        found[name.strip()] = value.strip()
    return checked(found)


def checked(headers: dict[str, str]) -> dict[str, str]:
    """The headers. Raises Refusal(invalid), which never repeats a value."""
    if len(headers) > MOST:
        raise Refusal(f"These are {len(headers)} headers; {MOST} is the limit.", "Leave some out.")
    for name, value in headers.items():
        if not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}", name):
            raise Refusal("A header has a name that no header can have.", "Check its spelling.")
        if name.lower() in TAKEN or name.lower().startswith("proxy-"):
            raise Refusal(f"The header {name} is set by the platform.", "Leave it out.")
        if len(value) > VALUE_LENGTH or not (value.isascii() and value.isprintable()):
            raise Refusal(f"The value of {name} is no header's.", "Copy it again, in one line.")
    return headers


def sealed(headers: dict[str, str]) -> str:
    """As they may be stored."""
    _keep_out(headers)
    return sealing.sealed(json.dumps(headers)) if headers else ""


def opened(stored: str) -> dict[str, str]:
    """Of what `sealed` gave. Raises ServerFailed when another key of the platform sealed them."""
    try:
        found: dict[str, str] = json.loads(sealing.opened(stored) or "{}")
    except ProviderError:
        raise ServerFailed(
            "The headers cannot be read: they were kept with another VIBE_SECRET_KEY.",
            "Enter them again under Settings, Tools.",
        ) from None
    _keep_out(found)
    return found


def _keep_out(headers: dict[str, str]) -> None:
    for value in headers.values():
        redaction.keep_out(value)
        redaction.keep_out(value.rpartition(" ")[2])
