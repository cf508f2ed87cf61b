"""Interactive terminals of a sandbox: opening, finding, resizing, closing."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from sandboxes.engine import EngineError, InputLine, TerminalSize
from sandboxes.models import Command, Sandbox, Terminal
from sandboxes.news import events
from sandboxes.services import commands, standard_input
from vibe.accounts.models import User
from vibe.accounts.services import tickets
from vibe.accounts.services.rights import Right
from vibe.refusal import Refusal

MAX_OPEN = 12
MAX_NAME = 40
MAX_SIDE = 1000
TICKET, TICKET_SECONDS = "terminal-ticket", 60
# bash where there is one; the prompt is for homes without a .bashrc.
SHELL = ("/bin/sh", "-c", "command -v bash >/dev/null && exec bash; exec sh")
PROMPT = r"\[\e[36m\]\w\[\e[0m\] \$ "
ENV = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}


def create(
    sandbox: Sandbox,
    *,
    name: str = "",
    size: TerminalSize | None = None,
    executable: str = "",
    args: Sequence[str] = (),
    cwd: str = "",
    env: dict[str, str] | None = None,
    by: User | None = None,
) -> Terminal:
    """Open a terminal and return it at once; its program, by default a shell, is on its way.

    Raises Refusal.
    """
    size = checked_size(size or TerminalSize())
    standing = list_for(sandbox)
    if len(standing) >= MAX_OPEN:
        raise Refusal(
            f"This sandbox has {len(standing)} terminals open, which is the limit.",
            "Close one that you do not need.",
            code="limit",
        )
    name = _checked_name(name) if name.strip() else _next_name({one.name for one in standing})
    if executable:
        program, *words = executable, *args
    else:
        program, *words = SHELL
        env = {"PS1": PROMPT, **(env or {})}
    with transaction.atomic():
        command = commands.run(
            sandbox, program, words, cwd=cwd, env={**ENV, **(env or {})},
            background=True, timeout=0, tty=True, by=by,
        )  # fmt: skip
        terminal = Terminal.objects.create(
            sandbox=sandbox, command=command, name=name, cols=size.cols, rows=size.rows
        )
    events.terminal_changed(sandbox.id, terminal.id)
    return terminal


def list_for(sandbox: Sandbox) -> QuerySet[Terminal]:
    """The terminals that have not been closed, oldest first."""
    return Terminal.objects.filter(sandbox=sandbox, closed_at=None).select_related("command")


def get_for(user: User, terminal_id: str) -> Terminal:
    """The user's terminal, unless it has been closed. Raises Refusal, code not_found."""
    terminal = (
        Terminal.objects.select_related("sandbox__session", "command__session")
        .filter(pk=terminal_id, closed_at=None, sandbox__owner=user, sandbox__deleted_at=None)
        .first()
    )
    if terminal is None:
        raise Refusal("There is no such terminal.", "List those of the sandbox.", code="not_found")
    return terminal


def rename(terminal: Terminal, name: str) -> None:
    terminal.name = _checked_name(name)
    terminal.save(update_fields=["name"])
    events.terminal_changed(terminal.sandbox_id, terminal.id)


def resize(terminal: Terminal, size: TerminalSize) -> None:
    """Set the size; the programs in the terminal hear of it. Raises Refusal."""
    remember_size(terminal, size)
    if terminal.command.is_finished:
        return
    try:
        standard_input.agent_of(terminal.command).resize(terminal.command_id, size)
    except EngineError as error:
        raise Refusal(str(error), error.hint, "unavailable") from error


def remember_size(terminal: Terminal, size: TerminalSize) -> None:
    """Keep the size for whoever shows the terminal next; raises Refusal."""
    checked_size(size)
    terminal.cols, terminal.rows = size.cols, size.rows
    Terminal.objects.filter(pk=terminal.pk).update(cols=size.cols, rows=size.rows)


def close(terminal: Terminal, *, by: User | None = None) -> None:
    """Hang up on its programs and list it no more."""
    changed = Terminal.objects.filter(pk=terminal.pk, closed_at=None).update(
        closed_at=timezone.now()
    )
    if changed:
        if not terminal.command.is_finished:  # what it left on purpose when it ended stays
            commands.stop(terminal.command, by=by)
        events.terminal_changed(terminal.sandbox_id, terminal.id)


def keyboard(terminal: Terminal) -> InputLine | None:
    """A line to type over; None while the program has not started. Raises Refusal."""
    try:
        agent = standard_input.agent_if_started(terminal.command)
        return agent.input_line(terminal.command_id) if agent else None
    except EngineError as error:
        raise Refusal(str(error), error.hint, "unavailable") from error


def ticket(terminal: Terminal, right: Right) -> str:
    """A word that opens the terminal's WebSocket once, within a minute, for a program."""
    return tickets.give(TICKET, terminal.pk, right, TICKET_SECONDS)


def holder_of(ticket: str, terminal_id: str) -> tuple[User, Right] | None:
    """Whose ticket that is, which then is used up, and by which right it was given."""
    return tickets.redeem(TICKET, terminal_id, ticket)


def size_of(command: Command) -> TerminalSize | None:
    """The size to start a command's terminal with; None for a command without one."""
    if not command.tty:
        return None
    terminal = command.terminal
    return TerminalSize(terminal.cols, terminal.rows)


def checked_size(size: TerminalSize) -> TerminalSize:
    if not (1 <= size.cols <= MAX_SIDE and 1 <= size.rows <= MAX_SIDE):
        raise Refusal(f"A terminal has 1 to {MAX_SIDE} columns and rows.")
    return size


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise Refusal(f"A terminal's name has 1 to {MAX_NAME} characters.")
    return name


def _next_name(taken: set[str]) -> str:
    return next(f"Shell {n}" for n in range(1, len(taken) + 2) if f"Shell {n}" not in taken)
