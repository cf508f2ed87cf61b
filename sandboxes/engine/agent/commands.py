"""The commands of this sandbox: pipes, exit, time limit, what their descendants still write."""

from __future__ import annotations

import os
import resource
import time

from . import streams
from .bare import signal
from .channel import Connection, close_all
from .identity import ROOT
from .ready import Ready, poll_in
from .refusal import Refused
from .settings import Settings
from .spawn import fork_command
from .standard_input import UNAVAILABLE, StandardInput
from .streams import Streams
from .terminal import Terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

KILL_GRACE = 5.0  # seconds between TERM and KILL when a command runs out of time
MAX_COMMANDS = 2000
# An exec takes less than a millisecond; only on a machine that is very busy does the host hear of a
# failure by the exit, after it has been told that the command runs.
EXEC_SECONDS = 0.5
DRAIN_BYTES = 64 * 1024


class Command:
    """One started command. It is kept until the host releases it, also after its exit."""

    def __init__(self, name: str, pid: int, note: str, streams: Streams, report: int) -> None:
        self.name = name
        self.pid = pid
        self.note = note
        self.started = time.monotonic()
        self.streams = streams
        self.report = report
        self.deadline = 0.0
        self.timed_out = False
        self.failed = False  # the program could not be started, as far as was known at once
        self.released = False
        self.exit: dict | None = None
        self.watchers: list[Connection] = []

    def describe(self) -> dict:
        return {
            "command": self.name,
            "pid": self.pid,
            "running": self.exit is None,
            "note": self.note,
            "age": round(time.monotonic() - self.started, 3),
            "exit": self.exit,
        }

    def signal_group(self, number: int) -> None:
        try:
            os.killpg(self.pid, number)
        except (ProcessLookupError, PermissionError):
            # Not in its own group yet (just forked), or gone: then the process itself, if it runs.
            if self.exit is None:
                try:
                    os.kill(self.pid, number)
                except OSError:
                    pass

    def standard_input(self) -> StandardInput:
        """Raises Refused when it has none that could be written to."""
        if self.exit is not None:
            raise Refused("not_found", "The command has ended.")
        if self.streams.input is None:
            raise Refused(UNAVAILABLE, "The command was started without a standard input.")
        return self.streams.input

    def terminal(self) -> Terminal:
        if self.streams.terminal is None:
            raise Refused("invalid", "The command has no terminal.")
        return self.streams.terminal

    def watch(self, connection: Connection) -> None:
        self.watchers.append(connection)
        if self.exit is not None:
            connection.send({"event": "exit", "exit": self.exit})


class Commands:
    """All commands by name. `drain(descriptor)` hands the loop a pipe to read and discard."""

    def __init__(
        self,
        settings: Settings,
        drain: Callable[[int], None],
        ready: Ready,
    ) -> None:
        self.settings = settings
        self.drain = drain
        self.ready = ready
        self.by_name: dict[str, Command] = {}
        self.by_pid: dict[int, Command] = {}

    def start(self, request: dict) -> Command:
        """Fork the command of an `exec` request; raises Refused."""
        name, argv = text(request, "command"), request.get("argv")
        if name in self.by_name:
            raise Refused("exists", f"Command {name} has been started already.")
        if len(self.by_name) >= MAX_COMMANDS:
            raise Refused("limit", f"This sandbox holds {MAX_COMMANDS} commands already.")
        if not isinstance(argv, list) or not argv or not all(_is_argument(a) for a in argv):
            raise Refused("invalid", "argv must be a list of strings without NUL.")
        env = {**self.settings.env, **request.get("env", {})}
        user = identity = self.settings.identity
        if request.get("sudo") is True:
            if user is None:
                raise Refused("no_root", "There is no root in this sandbox.")
            identity = ROOT
            env = ROOT.environment(env, user)
        if not all(_is_argument(k) and "=" not in k and _is_argument(v) for k, v in env.items()):
            raise Refused("invalid", "Environment names and values must be strings without NUL.")
        cwd = self.settings.locate(text(request, "cwd") or ".")
        if not _is_argument(cwd):
            raise Refused("invalid", "The working directory must not contain NUL.")
        opened: list[int] = []
        try:
            kept = streams.of_request(self.ready, request)
            try:
                opened += os.pipe2(os.O_CLOEXEC)
                report_r, report_w = opened
                os.set_blocking(report_r, False)
                pid = fork_command(
                    argv, cwd, env, self.settings.rlimits, kept.child, report_w,
                    terminal=kept.terminal is not None, identity=identity,
                )  # fmt: skip
            except BaseException:
                kept.abandon()
                raise
        except OSError as error:
            close_all(opened)
            raise Refused("limit", f"The command could not be started: {error.strerror}.")
        os.close(report_w)
        kept.started()
        command = Command(name, pid, str(request.get("note", "")), kept, report_r)
        command.failed = _has_failed(report_r)
        if (timeout := float(request.get("timeout", 0))) > 0:
            command.deadline = command.started + timeout
        self.by_name[name] = self.by_pid[pid] = command
        return command

    def get(self, request: dict) -> Command:
        command = self.by_name.get(text(request, "command"))
        if command is None:
            raise Refused("not_found", "There is no such command in this sandbox.")
        return command

    def release(self, command: Command) -> None:
        """The host is done with it: forget it, but never break or block what still writes."""
        if command.released:
            return
        command.released = True
        for pipe in command.streams.release():
            self.drain(pipe)
        if command.exit is not None:
            self._forget(command)

    def reaped(self, pid: int, status: int, usage: resource.struct_rusage) -> None:
        """Record the exit of a process that the loop has waited for, if it was a command."""
        command = self.by_pid.pop(pid, None)
        if command is None:
            return
        error, code = _start_failure(command.report)
        killed = os.WIFSIGNALED(status)
        command.exit = {
            "code": None if killed else code or os.WEXITSTATUS(status),
            "signal": os.WTERMSIG(status) if killed else None,
            "timed_out": command.timed_out,
            "error": error,
            "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 6),
            "max_rss": usage.ru_maxrss * 1024,
            "wall_seconds": round(time.monotonic() - command.started, 6),
        }
        command.deadline = 0.0
        if command.streams.input is not None:
            command.streams.input.end("The command has ended.")
        for watcher in command.watchers:
            watcher.send({"event": "exit", "exit": command.exit})
        command.watchers.clear()
        if command.released:
            self._forget(command)

    def unwatch(self, connection: Connection) -> None:
        for command in self.by_name.values():
            if connection in command.watchers:
                command.watchers.remove(connection)
            if command.streams.input is not None:
                command.streams.input.forget(connection)

    def enforce(self, now: float) -> None:
        """End the commands whose time is up: TERM first, KILL after the grace."""
        for command in self.by_pid.values():
            if command.deadline and now >= command.deadline:
                command.signal_group(signal.SIGKILL if command.timed_out else signal.SIGTERM)
                command.deadline = 0.0 if command.timed_out else now + KILL_GRACE
                command.timed_out = True

    def next_deadline(self) -> float:
        """Monotonic time of the next thing to enforce; infinity when there is none."""
        deadlines = [c.deadline for c in self.by_pid.values() if c.deadline]
        return min(deadlines, default=float("inf"))

    def _forget(self, command: Command) -> None:
        self.by_name.pop(command.name, None)


def text(request: dict, key: str) -> str:
    value = request.get(key, "")
    if not isinstance(value, str):
        raise Refused("invalid", f"{key} must be a string.")
    return value


def _is_argument(value: object) -> bool:
    return isinstance(value, str) and "\0" not in value


def _start_failure(report: int) -> tuple[str, int]:
    """Read what the child left when it could not exec: (reason, shell exit code)."""
    try:
        content = os.read(report, 4096).decode("utf-8", "replace")
    except OSError:
        content = ""
    finally:
        os.close(report)
    code, _, reason = content.partition(" ")
    return (reason, int(code)) if reason and code.isdigit() else ("", 0)


def _has_failed(report: int) -> bool:
    """Whether a child just forked has complained; its exec closes the other end of `report`."""
    return poll_in(report, EXEC_SECONDS)
