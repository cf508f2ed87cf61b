"""The commands of this sandbox: start, signals, time limit, end, what they leave behind."""

from __future__ import annotations

import os
import resource
import time

from . import processes, streams
from .bare import signal
from .channel import Connection
from .command import Command
from .ending import GRACE, Ending
from .owners import Owners
from .ready import Ready
from .refusal import Refused
from .settings import Settings
from .starting import has_failed, start, start_failure, text

MAX_COMMANDS = 2000
BUSY = 0.1  # seconds until what could not be done is tried again
# What these say is meant for all of a command; others go to its process group, because by most of
# them a program ends that does not know them.
FOR_ALL = (signal.SIGTERM, signal.SIGSTOP, signal.SIGCONT)


class Commands:
    """All commands by name."""

    def __init__(self, settings: Settings, ready: Ready, owners: Owners) -> None:
        self.settings = settings
        self.owners = owners
        self.closing = False  # the sandbox ends, and all that runs in it
        self.ready = ready
        self.by_name: dict[str, Command] = {}
        self.by_pid: dict[int, Command] = {}
        self.timed: dict[str, Command] = {}  # with a deadline, or being ended
        self.due = float("inf")  # monotonic, not later than the first of these

    def start(self, request: dict) -> Command:
        """Fork the command of an `exec` request; raises Refused."""
        name = text(request, "command")
        if name in self.by_name:
            raise Refused("exists", f"Command {name} has been started already.")
        if len(self.by_name) >= MAX_COMMANDS:
            raise Refused("limit", f"This sandbox holds {MAX_COMMANDS} commands already.")
        mark = self.owners.new_mark()
        pid, kept, report = start(request, self.settings, self.ready, mark)
        command = Command(name, pid, mark, str(request.get("note", "")), kept, report)
        self.owners.began(pid, command)
        command.failed = has_failed(report)
        if (timeout := float(request.get("timeout", 0))) > 0:
            command.deadline = command.started + timeout
            command.grace = float(request.get("grace", GRACE))
            command.limits_left = request.get("limits_left") is True
            self.timed[name] = command
            self._sooner(command)
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
            streams.discard(self.ready, pipe)
        self._settle(command)

    def signal(self, command: Command, number: int) -> None:
        """TERM, STOP and CONT to all of a command, others to its process group, and each to what
        it has left behind; KILL ends it. When its first process obeys, the rest ends with it."""
        if number == signal.SIGKILL:
            self.end(command, 0.0)
            return
        if command.exit is None:
            command.signals[number] = time.monotonic()
        if number in FOR_ALL or command.result is not None:
            processes.send(self.owners.of(command), number)
        else:
            command.signal_group(number)

    def end(self, command: Command, grace: float) -> None:
        """End all that it has started: TERM, after the grace KILL. Its exit is told after that."""
        if command.exit is None:
            command.requested = True
        self._end(command, grace)

    def left(self, command: Command) -> int:
        """How many processes it has left running, now."""
        if command.exit is not None and command.ending is None:
            command.left = self._count(command)
            self._settle(command)
        return command.left

    def reaped(self, pid: int, status: int, usage: resource.struct_rusage) -> None:
        """Take note of a process that the loop has waited for."""
        owner = self.owners.reaped(pid)
        command = self.by_pid.pop(pid, None)
        if command is not None:
            self._first_ended(command, status, usage)
        elif owner is not None and owner.ending is not None:
            self._hurry(owner, owner.ending)
        elif owner is not None and owner.left:
            self.left(owner)

    def unwatch(self, connection: Connection) -> None:
        for command in self.by_name.values():
            if connection in command.watchers:
                command.watchers.remove(connection)
            if command.streams.input is not None:
                command.streams.input.forget(connection)

    def enforce(self, now: float) -> None:
        """End the commands whose time is up, and go on with those that are being ended."""
        if now < self.due:
            return
        try:
            for command in list(self.timed.values()):
                self._enforce(command, now)
        except OSError:  # there is no descriptor to look at processes with
            self.due = now + BUSY
        else:
            self.due = min((one.next for one in self.timed.values()), default=float("inf"))

    def next_deadline(self) -> float:
        """Monotonic time of the next thing to enforce; infinity when there is none."""
        return self.due

    def _sooner(self, command: Command) -> None:
        self.due = min(self.due, command.next)

    def _hurry(self, command: Command, ending: Ending) -> None:
        ending.hurry()
        self._sooner(command)

    def _enforce(self, command: Command, now: float) -> None:
        if command.ending is not None:
            if command.ending.look(now):
                self._ended(command, command.ending)
        elif now >= command.deadline:
            command.timed_out = command.exit is None
            self._end(command, command.grace)

    def _end(self, command: Command, grace: float) -> None:
        if command.ending is not None:
            command.ending.no_later_than(grace)
            self._sooner(command)
        elif command.exit is None or command.left:

            def find() -> list[int]:
                return self.owners.to_end(command)

            hang_up = command.streams.terminal is not None
            command.ending = Ending(find, grace, hang_up=hang_up)
            self.timed[command.name] = command
            self._sooner(command)

    def _first_ended(self, command: Command, status: int, usage: resource.struct_rusage) -> None:
        error, code = start_failure(command.report)
        killed = os.WIFSIGNALED(status)
        command.result = {
            "code": None if killed else code or os.WEXITSTATUS(status),
            "signal": os.WTERMSIG(status) if killed else None,
            "error": error,
            "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 6),
            "max_rss": usage.ru_maxrss * 1024,
            "wall_seconds": round(time.monotonic() - command.started, 6),
        }
        if command.streams.input is not None:
            command.streams.input.end("The command has ended.")
        if command.ending is not None:
            self._hurry(command, command.ending)
        elif command.obeyed(command.result["signal"]) and not self.closing:
            self.end(command, GRACE)
        else:
            self._tell(command, self._count(command))

    def _count(self, command: Command) -> int:
        try:
            return self.owners.left(command)
        except OSError:
            return command.left

    def _ended(self, command: Command, ending: Ending) -> None:
        if command.result is None:
            if not ending.left:  # it will be waited for in a moment
                return
            unkillable = {"code": None, "signal": int(signal.SIGKILL), "error": ""}
            command.result = {**unkillable, "cpu_seconds": 0, "max_rss": 0, "wall_seconds": 0}
        command.ending = None
        command.deadline = 0.0
        self._tell(command, ending.left)

    def _tell(self, command: Command, left: int) -> None:
        assert command.result is not None
        command.left = left
        if command.exit is None:
            command.exit = {
                **command.result,
                "timed_out": command.timed_out,
                "requested": command.requested,
                "sandbox_ending": self.closing,
                "left": left,
            }
            command.tell()
        self._settle(command)

    def _settle(self, command: Command) -> None:
        """Forget of an ended command what nobody needs any more."""
        if command.exit is None or command.ending is not None:
            return
        if not command.left or not command.limits_left:
            command.deadline = 0.0
        if not command.deadline:
            self.timed.pop(command.name, None)
        if not command.left:
            self.owners.forget(command)
            if command.released:
                self.by_name.pop(command.name, None)
