"""The servers of a sandbox: commands that run on in the background. Told, ended, started again."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet

from sandboxes.models import Command, Sandbox, SandboxEvent
from sandboxes.news import event_log
from sandboxes.services import commands, lifecycle, ports
from sandboxes.services.queues import queue_of
from vibe.accounts.models import User
from vibe.jobs.queue import enqueue
from vibe.refusal import Refusal

REFRESH_JOB = "sandboxes.jobs.refresh_servers"
# A command has five seconds between TERM and KILL, and what it has left is looked at every two.
END_SECONDS = 12.0
LOOK_SECONDS = 0.05
LONGEST_NAME = 40


def running(sandbox: Sandbox) -> QuerySet[Command]:
    """Commands that somebody has started to go on, and those that have left something running."""
    on = Q(status__in=[Command.Status.QUEUED, Command.Status.RUNNING], background=True)
    left = Q(status=Command.Status.FINISHED, left_processes__gt=0)
    found = Command.objects.filter(on | left, session=sandbox.session_id, tty=False)
    return found.order_by("created_at", "id")


def described(sandbox: Sandbox) -> list[dict[str, Any]]:
    """What is needed to start them again, and the ports that were open; [] for one at rest."""
    found = list(running(sandbox)) if sandbox.is_running else []
    if not found:
        return []
    try:
        open_ports = ports.listening(sandbox)
    except Refusal:
        open_ports = []
    return [
        {
            "executable": one.executable,
            "args": one.args,
            "cwd": one.cwd,
            "env": one.env,
            "sudo": one.sudo,
            "line": one.line,
            "ports": open_ports,
        }
        for one in found
    ]


def names(sandbox: Sandbox, open_ports: Iterable[int]) -> dict[int, str]:
    """Which server an open port belongs to, as one would type it, as far as that can be told: the
    one that names the port, else the only one there is."""
    found = list(running(sandbox))
    told = {}
    for port in open_ports:
        number = re.compile(rf"(?<!\d){port}(?!\d)")
        named = [one for one in found if number.search(f"{one.line} {one.env.get('PORT', '')}")]
        if len(named or found) == 1:
            told[port] = (named or found)[0].line[:LONGEST_NAME]
    return told


def refresh(sandbox: Sandbox) -> None:
    """Have those started anew, in the background, whose code has changed and that do not notice."""
    if sandbox.session is not None and sandbox.is_running:
        enqueue(queue_of(sandbox.session), REFRESH_JOB, sandbox.pk)


def restart(sandbox: Sandbox, found: Iterable[Command]) -> None:
    """End these and start them again as they were. Raises Refusal."""
    known = list(found)
    end(sandbox, known)
    start(
        sandbox,
        [
            {name: getattr(one, name) for name in ("executable", "args", "cwd", "env", "sudo")}
            for one in known
        ],
    )


def end(sandbox: Sandbox, which: Iterable[Command] | None = None) -> None:
    """End these, or all, and wait until they are gone, for as long as that may take by their own
    rules."""
    found = list(running(sandbox) if which is None else which)
    for command in found:
        commands.stop(command)
    deadline = time.monotonic() + END_SECONDS
    while running(sandbox).filter(pk__in=[one.pk for one in found]).exists():
        if time.monotonic() > deadline:
            raise Refusal(
                "The servers of the sandbox do not end.", "Stop them, then try again.", "timeout"
            )
        time.sleep(LOOK_SECONDS)


def start(sandbox: Sandbox, wanted: Iterable[dict[str, Any]]) -> None:
    """Start servers as they were described; the sandbox runs. Raises Refusal."""
    for one in wanted:
        commands.run(
            sandbox,
            one["executable"],
            one["args"],
            cwd=one["cwd"],
            env=one["env"],
            sudo=one["sudo"],
            background=True,
        )


def note_end(session_id: str) -> None:
    """A session has just ended: have its rows say which servers ended only with it."""
    ended = Q(status=Command.Status.FINISHED, cause=Command.Cause.SANDBOX_STOPPED)
    on = ~Q(status=Command.Status.FINISHED) | ended
    found = Command.objects.filter(session=session_id, tty=False, stop_requested_at=None)
    found.filter(Q(on, background=True) | Q(left_processes__gt=0)).update(ran_at_end=True)


def resume(sandbox: Sandbox, *, by: User | None = None) -> None:
    """Start a stopped sandbox again, and with it the servers that ran when it ended.

    Returns at once; what cannot be started is told in the sandbox's events. Raises Refusal where
    the sandbox itself cannot.
    """
    session = lifecycle.resume(sandbox)
    last = sandbox.sessions.exclude(pk=session.pk).order_by("-requested_at").first()
    ran = Command.objects.filter(session=last, ran_at_end=True).order_by("created_at", "id")
    for command in ran if last else ():
        # Whoever comes second finds it taken.
        if not Command.objects.filter(pk=command.pk, ran_at_end=True).update(ran_at_end=False):
            continue
        try:
            commands.run(
                sandbox,
                command.executable,
                command.args,
                cwd=command.cwd,
                env=command.env,
                sudo=command.sudo,
                background=True,
                by=by,
            )
        except Refusal as error:
            kind = SandboxEvent.Kind.LIFECYCLE
            event_log.record(sandbox, kind, f"Not started again: {command.line}. {error}")
