"""Why a preview does not show the app, and what to do: in words. `reason_page` sends them."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils.text import capfirst

from sandboxes.engine.ports import IN_WORDS
from sandboxes.preview.access import Access
from sandboxes.services.crashes import Crash, Start

LONGEST_COMMAND = 120  # characters of it on a page


@dataclass(frozen=True)
class Reason:
    """Why there is no preview. `reload`: seconds after which the page asks again (0: never)."""

    status: int
    code: str
    title: str
    hint: str
    reload: int = 0
    ports: tuple[int, ...] = ()
    lines: tuple[str, ...] = ()  # of a log
    link: tuple[str, str] = ("", "")  # address, words


BAD_HOST = Reason(
    404,
    "not_found",
    "There is no preview at this address",
    f"A preview's address is PORT-SANDBOX before the domain; there are {IN_WORDS}. "
    "Open the preview from the workbench.",
)
BAD_REQUEST = Reason(
    400,
    "invalid",
    "This request cannot be passed on",
    "Its length is given in more than one way, or its path is not a path.",
)
TOO_MANY = Reason(
    503,
    "limit",
    "This sandbox is busy",
    "Too many requests to it are under way at once. The page tries again by itself.",
    reload=2,
)
NO_ANSWER = Reason(
    504,
    "timeout",
    "The sandbox does not answer",
    "It is said to run, but could not be reached in time. The page tries again by itself.",
    reload=2,
)
BROKEN = Reason(
    502,
    "bad_response",
    "The server gave no proper answer",
    "It listens, but it closed the connection or did not speak HTTP. Its log says more.",
)
LARGE_HEAD = Reason(
    502,
    "bad_response",
    "The server's headers are too large",
    "Its answer begins with more than 100 KiB of headers, which no browser takes. Mostly these are "
    "cookies or links that are set again and again.",
)
ENCRYPTED = Reason(
    503,
    "unavailable",
    "The server speaks TLS",
    "That was not known before this request, which is too large to be sent twice. Send it again.",
)
UNKNOWN = Reason(
    404,
    "not_found",
    "There is no such sandbox",
    "It was deleted, or the address is not complete.",
)


def of_sandbox(access: Access) -> Reason:
    """Why a sandbox that does not run shows nothing."""
    link = (
        f"{settings.PUBLIC_URL.rstrip('/')}/sandboxes/{access.sandbox_id}/",
        "Open the sandbox",
    )
    if access.status == "pending":
        return Reason(
            503,
            "not_running",
            f"The sandbox {access.name} is starting",
            "The page opens by itself when it runs.",
            reload=1,
        )
    if access.status == "failed":
        return Reason(
            503,
            "not_running",
            f"The sandbox {access.name} could not start",
            access.error or "Its page says more.",
            link=link,
        )
    return Reason(
        410,
        "not_running",
        f"The sandbox {access.name} is stopped",
        f"{capfirst(access.why)}. Its files are kept: resume it, and start the server again.",
        reload=5,
        link=link,
    )


def closed_port(
    port: int, listening: tuple[int, ...], crash: Crash | None = None, start: Start | None = None
) -> Reason:
    """Nothing listens on the port that was asked for, perhaps not yet. crash: what ended lately.
    start: what runs and listens nowhere."""
    if crash and crash.times > 1:
        return keeps_ending(crash)
    hint = "The page opens by itself as soon as a server listens there."
    if crash:
        hint = f"{_ended(crash)} {hint}"
    elif start:
        hint = f"“{start.line[:LONGEST_COMMAND]}” is running; this is what it said last. {hint}"
    if listening:
        hint += " These ports have one:"
    return Reason(
        502,
        "port_closed",
        f"Nothing is listening on port {port} yet",
        hint,
        reload=2,
        ports=listening,
        lines=crash.lines if crash else start.lines if start else (),
    )


def crashed(crash: Crash) -> Reason:
    """The server ended while it should have answered."""
    if crash.times > 1:
        return keeps_ending(crash)
    hint = f"{_ended(crash)} Mend it and start it again."
    return Reason(502, "crashed", "The server ended before it answered", hint, lines=crash.lines)


def keeps_ending(crash: Crash) -> Reason:
    """A server that is started again and again. One page for its every state: it listens, it
    breaks off, nothing listens."""
    return Reason(
        502,
        "crashed",
        "A server keeps ending",
        f"{_ended(crash)} That was {crash.times} times within a minute. The page tries again by "
        "itself.",
        reload=5,
        lines=crash.lines,
    )


def _ended(crash: Crash) -> str:
    return f"“{crash.line[:LONGEST_COMMAND]}” {crash.outcome}."
