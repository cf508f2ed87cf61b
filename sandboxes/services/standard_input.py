"""Writing to a command that was started with a standard input."""

from __future__ import annotations

import time
from collections.abc import Callable

from sandboxes.engine import AgentClient, AgentTimeout, EngineError, InputState, RequestRefused
from sandboxes.host import handles
from sandboxes.models import Command
from sandboxes.news import events
from vibe.refusal import Refusal
from vibe.streams.stream import EventStream

MAX_BYTES = 1024 * 1024
WRITE_SECONDS = 30.0
START_SECONDS = 30.0


class InputError(Refusal):
    """`written` says how many bytes the command has taken so far, where that is known.

    code: not_found (it has ended), stdin_unavailable (none, or closed), conflict (`offset` above
    what was written), timeout (it does not read), limit, unavailable.
    """

    def __init__(self, message: str, hint: str, code: str, written: int | None = None) -> None:
        super().__init__(message, hint, code)
        self.written = written


def write(
    command: Command,
    data: bytes,
    *,
    offset: int | None = None,
    close: bool = False,
    timeout: float = WRITE_SECONDS,
) -> int:
    """Write, and return how many bytes the command has taken in all; raises InputError.

    Returns when everything has been taken. `offset` says where `data` begins in all that is
    written: what the command has already is skipped, so that a write may be repeated when its
    answer was lost. A command that has not started yet is waited for.
    """
    if len(data) > MAX_BYTES:
        raise InputError(
            f"{len(data)} bytes are too many for one write.",
            f"Write at most {MAX_BYTES} bytes at a time, each with its offset.",
            "limit",
        )
    return _ask(command, lambda agent: agent.write_input(
        command.id, data, offset=offset, close=close, timeout=timeout
    )).written  # fmt: skip


def state(command: Command) -> InputState:
    """How many bytes the command has taken, and whether it takes more; raises InputError."""
    return _ask(command, lambda agent: agent.input_state(command.id))


def _ask(command: Command, ask: Callable[[AgentClient], InputState]) -> InputState:
    if not command.stdin:
        raise InputError(
            "This command was started without a standard input.",
            "Start it with stdin set to true.",
            "stdin_unavailable",
        )
    agent = agent_of(command)
    try:
        return ask(agent)
    except RequestRefused as refusal:
        raise _explained(refusal) from refusal
    except AgentTimeout as error:
        raise InputError(
            "The command does not read its input.",
            "Write the rest again, with its offset, when it does.",
            "timeout",
            _count(agent, command),
        ) from error
    except EngineError as error:
        raise InputError(str(error), error.hint, "unavailable") from error


def agent_of(command: Command) -> AgentClient:
    """The agent that looks after a command, once it runs. Raises InputError."""
    stream = EventStream(events.sandbox_key(command.sandbox_id))
    deadline = time.monotonic() + START_SECONDS
    seen = stream.last()
    while True:
        if agent := agent_if_started(command):
            return agent
        left = deadline - time.monotonic()
        if left <= 0:
            raise InputError(
                "The command has not started yet.",
                "Look whether the sandbox worker runs: python3 manage.py doctor",
                "timeout",
                0,
            )
        seen = stream.wait(seen, min(left, 2.0))


def agent_if_started(command: Command) -> AgentClient | None:
    """The agent of a running command, None before its start; never waits. Raises InputError."""
    command.refresh_from_db()
    if command.is_finished:
        message = f"The command has ended: {command.outcome}."
        raise InputError(message, "Start it again.", "not_found")
    handle = handles.handle_of(command.session)
    if command.status != Command.Status.RUNNING or handle is None:
        return None
    return handles.agent_of(handle)


def _explained(refusal: RequestRefused) -> InputError:
    match refusal.code:
        case "not_found":
            return InputError("The command has ended.", "Start it again.", "not_found")
        case "stdin_unavailable":
            return InputError(
                str(refusal), "What it was given so far is in its hands.", "stdin_unavailable"
            )
        case "gap":
            hint = "Go on where the count says, or leave out the offset."
            return InputError(str(refusal), hint, "conflict")
        case "busy":
            return InputError(str(refusal), "Try again in a moment.", "limit")
        case _:
            return InputError(str(refusal), refusal.hint, "unavailable")


def _count(agent: AgentClient, command: Command) -> int | None:
    try:
        return agent.input_state(command.id).written
    except EngineError:
        return None
