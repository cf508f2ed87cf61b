"""The commands of this sandbox: pipes, exit, time limit, what their descendants still write."""

from __future__ import annotations

import fcntl
import os
import resource
import signal
import time
from collections.abc import Callable

from .channel import Connection, close_all
from .settings import Settings
from .spawn import fork_command

KILL_GRACE = 5.0  # seconds between TERM and KILL when a command runs out of time
PIPE_BYTES = 256 * 1024  # four such pipes a command; the kernel allows 64 MiB in all per user
MAX_COMMANDS = 2000
DRAIN_BYTES = 64 * 1024


class Refused(Exception):
    """A request that cannot be granted: `code` is for the program, the text for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Command:
    """One started command. It is kept until the host releases it, also after its exit."""

    def __init__(self, name: str, pid: int, note: str, ends: list[int], report: int) -> None:
        self.name = name
        self.pid = pid
        self.note = note
        self.started = time.monotonic()
        self.ends = ends  # stdout, stderr, then both ends of the two in-flight pipes
        self.report = report
        self.deadline = 0.0
        self.timed_out = False
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

    def watch(self, connection: Connection) -> None:
        self.watchers.append(connection)
        if self.exit is not None:
            connection.send({"event": "exit", "exit": self.exit})


class Commands:
    """All commands by name. `drain(descriptor)` hands the loop a pipe to read and discard."""

    def __init__(self, settings: Settings, drain: Callable[[int], None]) -> None:
        self.settings = settings
        self.drain = drain
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
        if not all(_is_argument(k) and "=" not in k and _is_argument(v) for k, v in env.items()):
            raise Refused("invalid", "Environment names and values must be strings without NUL.")
        cwd = self.settings.locate(text(request, "cwd") or ".")
        if not _is_argument(cwd):
            raise Refused("invalid", "The working directory must not contain NUL.")
        opened: list[int] = []
        try:
            for _ in range(5):
                opened += os.pipe2(os.O_CLOEXEC)
            out_r, out_w, err_r, err_w, *spare, report_r, report_w = opened
            for end in (out_r, err_r, *spare[::2]):
                _enlarge(end)
            pid = fork_command(argv, cwd, env, self.settings.rlimits, out_w, err_w, report_w)
        except OSError as error:
            close_all(opened)
            raise Refused("limit", f"The command could not be started: {error.strerror}.")
        close_all([out_w, err_w, report_w])
        ends = [out_r, err_r, *spare]
        for end in (*ends, report_r):
            os.set_blocking(end, False)
        command = Command(name, pid, str(request.get("note", "")), ends, report_r)
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
        stdout, stderr, *spare = command.ends
        close_all(spare)
        self.drain(stdout)
        self.drain(stderr)
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
        for watcher in command.watchers:
            watcher.send({"event": "exit", "exit": command.exit})
        command.watchers.clear()
        if command.released:
            self._forget(command)

    def unwatch(self, connection: Connection) -> None:
        for command in self.by_name.values():
            if connection in command.watchers:
                command.watchers.remove(connection)

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


def _enlarge(pipe: int) -> None:
    try:
        fcntl.fcntl(pipe, getattr(fcntl, "F_SETPIPE_SZ", 1031), PIPE_BYTES)
    except OSError:  # the user's share is used up: the kernel's own size does
        pass


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
