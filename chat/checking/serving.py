"""The servers of an app: which ones there are to be, and what they answer."""

from __future__ import annotations

import asyncio
import ssl
import time
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from chat.models import Check, Version
from sandboxes.models import Command, Sandbox
from sandboxes.output import text
from sandboxes.services import ports, servers
from vibe.data.database import in_thread
from vibe.redaction import redacted
from vibe.refusal import Refusal

# A development server that has just been told of a change starts anew.
OPEN_SECONDS, LOOK_SECONDS = 20.0, 0.5
ANSWER_SECONDS, BODY_BYTES = 15.0, 64 * 1024
LAST_LINES = 6


@dataclass(frozen=True)
class Known:
    """A server as it was started; `ended` is its command when it runs no more."""

    line: str
    ended: Command | None = None


@dataclass(frozen=True)
class Answer:
    """What came back for `/`. `status` 0: it does not speak HTTP."""

    port: int
    status: int
    kind: str = ""
    body: bytes = b""


def known(check: Check) -> list[Known]:
    """The servers that run, and those that the turn has started and that ended by themselves; and
    where there are neither, those that ran at the version before."""
    sandbox = check.turn.conversation.sandbox
    assert sandbox is not None
    found = [Known(one.line) for one in servers.running(sandbox)]
    lines = {one.line for one in found}
    crashed = Command.objects.filter(
        session=sandbox.session_id,
        background=True,
        tty=False,
        status=Command.Status.FINISHED,
        left_processes=0,
        stop_requested_at=None,
        created_at__gte=check.turn.started_at or timezone.now(),
    ).order_by("created_at")
    for one in crashed:
        if one.line not in lines and one.exit_code != 0:
            lines.add(one.line)
            found.append(Known(one.line, one))
    return found or _ran_before(check)


def _ran_before(check: Check) -> list[Known]:
    before = Version.objects.filter(
        conversation=check.turn.conversation_id, created_at__lt=check.turn.created_at
    )
    last = before.select_related("checkpoint").last()
    described = last.checkpoint.servers if last is not None else []
    return [Known(str(one.get("line"))) for one in described if one.get("ports")]


async def answering(
    check: Check, wanted: list[Known], steps: list[dict[str, Any]]
) -> Answer | None:
    """The answer of the port that is the app, waited for; None when there is none. A step each is
    added for a server that has ended and for the answer."""
    sandbox = check.turn.conversation.sandbox
    assert sandbox is not None
    began = time.monotonic()
    for one in wanted:
        if one.ended is not None:
            said = await in_thread(_last_words, one.ended)
            steps.append(_step(f"“{one.line[:80]}” runs", "failed", said))
    runs = [one for one in wanted if one.ended is None]
    if not runs:
        return None
    found: list[Answer] = []
    while time.monotonic() - began < OPEN_SECONDS:
        for port in await in_thread(ports.listening, sandbox):
            if all(one.port != port for one in found):
                found.append(await asked(sandbox, port))
        if any(one.status for one in found):
            break
        await asyncio.sleep(LOOK_SECONDS)
    seconds = time.monotonic() - began
    spoken = [one for one in found if one.status]
    if not spoken:
        what = f"“{runs[0].line[:80]}” answers"
        detail = (
            f"Nothing on port {found[0].port} speaks HTTP."
            if found
            else f"No port was open within {OPEN_SECONDS:.0f} s."
        )
        steps.append(_step(what, "unsure" if found else "failed", detail, seconds))
        return None
    shown = check.turn.conversation.preview.get("port")
    pages = [one for one in spoken if "html" in one.kind]
    best = next((one for one in spoken if one.port == shown), (pages or spoken)[0])
    broken = best.status >= 500
    what = f"Port {best.port} answers"
    steps.append(_step(what, "failed" if broken else "ok", f"Status {best.status}.", seconds))
    return best


def judged(answer: Answer) -> list[dict[str, Any]]:
    """What can be said of the page by its bytes alone."""
    if answer.status >= 400:
        return [_step("The page opens", "failed", f"The server answers {answer.status}.")]
    empty = answer.status == 200 and not answer.body.strip()
    return [_step("The page has content", "failed" if empty else "ok", "")]


async def asked(sandbox: Sandbox, port: int) -> Answer:
    """What the port answers for `/`, plain or over TLS; redirects are not followed."""
    for tls in (False, True):
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                answer = await _asked(sandbox, port, tls)
        except (TimeoutError, OSError, ValueError, asyncio.IncompleteReadError):
            continue
        if answer is not None:
            return answer
    return Answer(port, 0)


async def _asked(sandbox: Sandbox, port: int, tls: bool) -> Answer | None:
    try:
        sock = await ports.reach(sandbox.pk, port)
    except Refusal:
        return None
    context = None
    if tls:  # of a certificate that a developer has made, nobody can know anything
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    reader, writer = await asyncio.open_connection(
        sock=sock, ssl=context, server_hostname="localhost" if tls else None
    )
    try:
        writer.write(
            f"GET / HTTP/1.1\r\nHost: localhost:{port}\r\nAccept: text/html,*/*\r\n"
            "Connection: close\r\n\r\n".encode()
        )
        await writer.drain()
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, _, fields = head.partition("\r\n")
        words = first.split(" ")
        if not words[0].startswith("HTTP/1.") or len(words) < 2 or not words[1].isdecimal():
            return None
        kinds = [
            line.partition(":")[2].strip().lower()
            for line in fields.split("\r\n")
            if line.lower().startswith("content-type:")
        ]
        body = await reader.read(BODY_BYTES)
        return Answer(port, int(words[1][:3]), kinds[0][:100] if kinds else "", body)
    finally:
        writer.close()


def _last_words(command: Command) -> str:
    found = text.page(command, None, LAST_LINES).lines
    plain = (text.PlainText().feed(line.data, final=True) for line in found)
    said = "\n".join(redacted(line)[:200] for line in plain if line.strip())
    return f"It has ended: {command.outcome}.\n{said}"[:500]


def _step(what: str, outcome: str, detail: str, seconds: float = 0.0) -> dict[str, Any]:
    return {"what": what, "outcome": outcome, "detail": detail, "seconds": round(seconds, 2)}
