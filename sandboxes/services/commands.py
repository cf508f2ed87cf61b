"""Running, awaiting, stopping and finding commands, for views, tools and programs."""

from __future__ import annotations

import signal
import time
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from sandboxes.engine import EngineError, RequestRefused, SandboxGone
from sandboxes.engine.spec import GRACE
from sandboxes.host import handles, isolation
from sandboxes.models import Command, Sandbox, SandboxSession
from sandboxes.news import events, webhooks
from sandboxes.services import environment, quotas, sleep
from sandboxes.services.finding import not_running
from sandboxes.services.queues import queue_of
from vibe.accounts.models import User
from vibe.data.prepared import Prepared
from vibe.jobs.queue import enqueue
from vibe.refusal import Refusal
from vibe.streams.stream import EventStream

RUN_JOB = "sandboxes.jobs.run_command"
STOP_JOB = "sandboxes.jobs.stop_command"
MAX_ARGUMENT_BYTES = 128 * 1024
MAX_TIMEOUT = 86_400

_startable = Prepared(
    lambda session: SandboxSession.objects.filter(
        pk=session, status__in=[SandboxSession.Status.PENDING, SandboxSession.Status.RUNNING]
    ).order_by()
)


def run(
    sandbox: Sandbox,
    executable: str,
    args: Sequence[str] = (),
    *,
    cwd: str = "",
    env: dict[str, str] | None = None,
    background: bool = False,
    timeout: float | None = None,
    grace: float = GRACE,
    stdin: bool = False,
    tty: bool = False,
    sudo: bool = False,
    by: User | None = None,
) -> Command:
    """Ask for a command to run and return it at once, queued. Raises Refusal.

    `cwd` is relative to the workspace or absolute in the sandbox. `timeout` in seconds, 0 for
    none; by default the platform's for foreground commands and none for background ones. One that
    is given also ends what the command has left running; `grace` seconds lie between TERM and KILL.
    `stdin`: it will be written to (services.standard_input). `tty` is for services.terminals.
    `sudo`: as root of the sandbox. `by`: who asks for it, kept with the row.
    """
    executable, words = _checked_words(executable, list(args))
    variables = environment.checked(env or {})
    asked_for = timeout is not None
    if timeout is None:
        timeout = 0 if background else settings.COMMAND_TIMEOUT
    if not 0 <= timeout <= MAX_TIMEOUT:
        raise Refusal(f"A command's timeout is 0 to {MAX_TIMEOUT} seconds.")
    if sudo:
        isolation.check_root()
    session = _startable.first(sandbox.session_id or "")
    if session is None:
        sandbox.refresh_from_db()
        raise not_running(sandbox)
    if session.asleep_since is not None:
        sleep.wake(session.pk)
    with transaction.atomic():
        quotas.take_turn(sandbox.owner_id)
        quotas.check_command(sandbox.owner_id)
        command = Command.objects.create(
            sandbox=sandbox,
            session=session,
            executable=executable,
            args=words,
            cwd=cwd,
            env=variables,
            background=background,
            timeout=timeout,
            timeout_grace=grace,
            timeout_for_left=asked_for,
            stdin=stdin or tty,
            tty=tty,
            sudo=sudo,
            started_by=by,
        )
        enqueue(queue_of(session), RUN_JOB, command.id, job_id=command.id)
    events.command_changed(command)
    return command


def wait(command: Command, timeout: float) -> Command:
    """Block until the command has finished or `timeout` seconds are over; the refreshed row."""
    stream = EventStream(events.done_key(command.id))
    deadline = time.monotonic() + timeout
    while True:
        command.refresh_from_db()
        left = deadline - time.monotonic()
        if command.is_finished or left <= 0:
            return command
        stream.wait(0, min(left, 5.0))


def run_again(command: Command, *, by: User | None = None) -> Command:
    """Ask for the same command once more, in the sandbox as it is now. Raises Refusal."""
    return run(
        command.sandbox,
        command.executable,
        command.args,
        cwd=command.cwd,
        env=command.env,
        background=command.background,
        timeout=command.timeout if command.timeout_for_left else None,
        grace=command.timeout_grace,
        sudo=command.sudo,
        by=by,
    )


def stop(command: Command, *, by: User | None = None) -> None:
    """Ask for the end of everything that a command has started, also of what it has left running
    at its own end: TERM, KILL after a grace."""
    now = timezone.now()
    asked = {"stop_requested_at": now, "stopped_by": by}
    rows = Command.objects.filter(pk=command.pk)
    queued = rows.filter(status=Command.Status.QUEUED).update(
        status=Command.Status.FINISHED, cause=Command.Cause.KILLED, finished_at=now, **asked
    )
    if queued:
        command.refresh_from_db()
        announce_end(command)
        return
    has_left = Q(status=Command.Status.FINISHED, left_processes__gt=0)
    if rows.filter(Q(status=Command.Status.RUNNING) | has_left).update(**asked):
        sleep.wake(command.session_id)
        session = SandboxSession.objects.get(pk=command.session_id)
        enqueue(queue_of(session), STOP_JOB, command.id)


def send_signal(command: Command, number: int, *, by: User | None = None) -> None:
    """Send a signal: TERM, STOP and CONT to everything that the command has started, others to
    its process group; KILL ends all of it. What ends by it ends with all that it has started.

    What it has left running hears it too; where nothing runs, nobody does. Raises Refusal.
    """
    if not 1 <= number <= 31:
        raise Refusal(f"{number} is no signal.", "Use 1 to 31, such as 15 (TERM).")
    command.refresh_from_db()
    if command.status == Command.Status.QUEUED:
        stop(command, by=by)
        return
    handle = handles.handle_of(command.session)
    if handle is None or not command.has_something_running:
        return
    before = _signal_of(command)
    sleep.wake(command.session_id)
    # Before it is sent: the end may be recorded sooner than we get on.
    _record_signal(command, sent_signal=number, signal_sent_at=timezone.now(), stopped_by=by)
    try:
        handles.agent_of(handle).signal(command.id, number)
    except EngineError as error:
        _record_signal(command, **before)
        if isinstance(error, SandboxGone):
            return
        if not isinstance(error, RequestRefused) or error.code != "not_found":
            raise Refusal(str(error), error.hint, "unavailable") from error
    if command.is_finished and number == signal.SIGKILL:
        enqueue(queue_of(command.session), STOP_JOB, command.id)  # sees that nothing is left


def _signal_of(command: Command) -> dict[str, Any]:
    """What the row says of the last signal."""
    return {
        name: getattr(command, name) for name in ("sent_signal", "signal_sent_at", "stopped_by")
    }


def _record_signal(command: Command, **said: Any) -> None:
    running = Command.objects.filter(pk=command.pk, status=Command.Status.RUNNING)
    running.update(**said)


def get_for(user: User, command_id: str) -> Command:
    """The user's command. Raises Refusal, code not_found."""
    command = (
        Command.objects.select_related("sandbox", "session")
        .filter(pk=command_id, sandbox__owner=user, sandbox__deleted_at=None)
        .first()
    )
    if command is None:
        raise Refusal("There is no such command.", "List the sandbox's commands.", code="not_found")
    return command


def list_for(sandbox: Sandbox) -> QuerySet[Command]:
    """The sandbox's commands, oldest first; without what runs in its terminals."""
    return Command.objects.filter(sandbox=sandbox, tty=False)


def announce_end(command: Command) -> None:
    """Tell pages and waiting callers that the row says how the command ended."""
    events.command_changed(command)
    webhooks.command_finished(command)
    done = EventStream(events.done_key(command.id))
    done.append(type="done")
    done.finish(3600)


def _checked_words(executable: str, args: list[str]) -> tuple[str, list[str]]:
    words = [executable, *args]
    if not executable.strip():
        raise Refusal("There is no command to run.", "Name a program, such as python3.")
    if any("\0" in word for word in words):
        raise Refusal("A command cannot hold a NUL character.")
    if sum(len(word.encode()) for word in words) > MAX_ARGUMENT_BYTES:
        raise Refusal(
            "The command's arguments are too long.", "Write them to a file and pass its path."
        )
    return executable, args
