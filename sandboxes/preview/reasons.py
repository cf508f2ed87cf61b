"""Why a preview does not show the app, and what to do: in words. `reason_page` sends them."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone
from django.utils.text import capfirst

from sandboxes.engine.ports import IN_WORDS
from sandboxes.preview.access import Access
from sandboxes.services.crashes import Crash, Start
from vibe.refusal import Refusal

LONGEST_COMMAND = 120  # characters of it on a page
LATE = 30.0  # seconds, after which it is said that something takes longer than it should


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
    post: tuple[str, str] = ("", "")  # address of this host, words of the button


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
    """Why a sandbox that does not run shows nothing, to who cannot start it here."""
    if access.status == "pending":
        return _starting(access)
    if access.status == "failed":
        return Reason(
            503,
            "not_running",
            f"The sandbox {access.name} could not start",
            access.error or "Its page says more.",
            link=_its_page(access),
        )
    return Reason(
        410,
        "not_running",
        f"The sandbox {access.name} is stopped",
        f"{capfirst(access.why)}. Its files are kept, and {access.owner} can start it again. This "
        "page then opens by itself.",
        reload=5,
        link=_its_page(access),
    )


def stopped(access: Access, wake: str) -> Reason:
    """The same, to its owner, where it is started by a button; wake: what that asks for."""
    return Reason(
        410,
        "not_running",
        f"The sandbox {access.name} is stopped",
        f"{capfirst(access.why)}. Its files are kept. When it is started, the servers that ran "
        "start with it.",
        reload=5,
        post=(wake, "Start it"),
    )


def waking(access: Access) -> Reason:
    """It has been stopped, and starts as its owner has come."""
    return Reason(
        503,
        "not_running",
        f"The sandbox {access.name} is starting again",
        f"It was stopped: {access.why}. The servers that ran start with it, and the app opens here "
        "by itself.",
        reload=1,
    )


def not_started(access: Access, why: Refusal, wake: str) -> Reason:
    """Its owner has come, and it may not start now."""
    return Reason(
        503,
        "not_running",
        f"The sandbox {access.name} cannot start now",
        f"{why.message} {why.hint}".strip(),
        link=_its_page(access),
        post=(wake, "Try again"),
    )


def _starting(access: Access) -> Reason:
    seconds = (timezone.now() - access.since).total_seconds() if access.since else 0
    hint = "The page opens by itself when it runs."
    if seconds > LATE:
        hint = (
            f"It has been starting for {seconds:.0f} seconds, where one is enough as a rule. "
            f"Perhaps no worker runs: python3 manage.py doctor says whether one does. {hint}"
        )
    return Reason(
        503,
        "not_running",
        f"The sandbox {access.name} is starting",
        hint,
        reload=1,
        link=_its_page(access) if seconds > LATE else ("", ""),
    )


def _its_page(access: Access) -> tuple[str, str]:
    return f"{_site()}/sandboxes/{access.sandbox_id}/", "Open the sandbox"


def _site() -> str:
    return str(settings.PUBLIC_URL).rstrip("/")


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
        hint = f"{_runs(start)} {hint}"
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
        link=_its_log(start) if start and start.seconds > LATE else ("", ""),
    )


def _runs(start: Start) -> str:
    name = f"“{start.line[:LONGEST_COMMAND]}”"
    if start.seconds <= LATE:
        return f"{name} is running; this is what it said last."
    return (
        f"{name} has been running for {start.seconds:.0f} seconds and listens on no port. If what "
        "it said last is not on the way there, stop it and start it anew."
    )


def _its_log(start: Start) -> tuple[str, str]:
    return f"{_site()}/commands/{start.command}/", "Open its log"


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
