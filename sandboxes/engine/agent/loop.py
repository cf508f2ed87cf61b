"""The agent's loop: what the host asks, which children have ended, what time is up. No threads,
never waits for anyone."""

from __future__ import annotations

import os
import sys
import time

from . import network, processes
from .bare import signal, socket
from .channel import Connection, ProtocolError, close_all
from .command import Command
from .commands import Commands
from .door import Door
from .filework import FileWorkers
from .owners import Owners
from .ready import READ, Ready, empty
from .refusal import Refused
from .settings import Settings
from .sudo_server import SudoServer

TYPE_CHECKING = False  # what the annotations alone need would cost every agent time and memory
if TYPE_CHECKING:
    from collections.abc import Callable

SHUTDOWN_GRACE = 2.0  # seconds between TERM and the end of everything
COMMANDS_PER_PAGE = 100


class Agent:
    def __init__(self, listener: socket.socket, settings: Settings) -> None:
        self.settings = settings
        self.started = time.monotonic()
        self.deadline = self.started + settings.timeout if settings.timeout > 0 else float("inf")
        self.ending = False
        self.ready = Ready()
        self.owners = Owners()
        self.commands = Commands(settings, self.ready, self.owners)
        self.files = FileWorkers(settings)
        self.doors = [Door(listener, self.ready, self._welcome)]
        self.sudo: SudoServer | None = None
        if settings.identity is not None:
            self.sudo = SudoServer(settings, self.ready, self.owners)
            self.doors.append(self.sudo.door)
        self.operations: dict[str, Callable[[Connection, dict, list[int]], None]] = {
            "ping": self._ping,
            "exec": self._exec,
            "attach": self._attach,
            "release": self._release,
            "signal": self._signal,
            "end": self._end_command,
            "left": self._left,
            "input": self._input,
            "resize": self._resize,
            "commands": self._commands,
            "connect": self._connect,
            "listen": self._listen,
            "ports": self._ports,
            "deadline": self._deadline,
            "adopt": self._adopt,
            "files": self._files,
            "shutdown": self._shutdown,
        }

    def run(self) -> None:
        """Serve until the deadline has passed or the host asks for the end."""
        wakeup, alarm = socket.socketpair()
        wakeup.setblocking(False)
        alarm.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(alarm.fileno(), warn_on_full_buffer=False)
        self.ready.register(wakeup, READ, lambda: empty(wakeup.fileno()))
        while True:
            self.ready.serve(self._patience())
            alone = self._reap()
            now = time.monotonic()
            self.commands.enforce(now)
            self.files.enforce(now)
            for door in self.doors:
                door.enforce(now)
            if now >= self.deadline:
                if self.ending:
                    break
                self._end()
            if self.ending and alone:
                break
        processes.kill_all(self.settings.isolated)

    def _patience(self) -> float | None:
        at = min(
            self.deadline,
            self.commands.next_deadline(),
            self.files.next_deadline(),
            *(door.next for door in self.doors),
        )
        return None if at == float("inf") else max(0.0, at - time.monotonic())

    def _end(self) -> None:
        self.ending = self.commands.closing = True
        self.deadline = time.monotonic() + SHUTDOWN_GRACE
        processes.signal_all(signal.SIGTERM, self.settings.isolated)

    def _reap(self) -> bool:
        """Collect every child that has exited. Returns whether no child is left."""
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return True
            if not pid:
                return False
            self.files.reaped(pid)
            self.commands.reaped(pid, status, usage)
            if self.sudo is not None:
                self.sudo.reaped(pid, status)

    def _welcome(self, sock: socket.socket) -> None:
        connection = Connection(sock)
        self.ready.register(sock, READ, lambda: self._serve(connection))

    def _serve(self, connection: Connection) -> None:
        try:
            received = connection.receive()
        except BlockingIOError:
            return
        except (OSError, ProtocolError):
            received = None
        if received is None:
            self.ready.unregister(connection.socket)
            connection.open = False
            self.commands.unwatch(connection)
            connection.socket.close()
            return
        request, descriptors = received
        try:
            operation = self.operations.get(str(request.get("op")))
            if operation is None:
                raise Refused("invalid", "Unknown operation.")
            operation(connection, request, descriptors)
        except Refused as refusal:
            connection.send({"ok": False, "code": refusal.code, "message": str(refusal)})
        except (OSError, ValueError, TypeError, AttributeError) as error:
            connection.send({"ok": False, "code": "invalid", "message": str(error)})
        finally:
            close_all(descriptors)

    def _ping(self, connection: Connection, _: dict, __: list[int]) -> None:
        now = time.monotonic()
        left = None if self.deadline == float("inf") else round(self.deadline - now, 3)
        running = len(self.commands.by_pid)
        reply = {"ok": True, "uptime": round(now - self.started, 3), "seconds_left": left}
        connection.send({**reply, "running": running, "python": sys.version.split()[0]})

    def _exec(self, connection: Connection, request: dict, _: list[int]) -> None:
        if self.ending:
            raise Refused("ending", "The sandbox is shutting down.")
        self._hand_over(connection, self.commands.start(request))

    def _attach(self, connection: Connection, request: dict, _: list[int]) -> None:
        command = self.commands.get(request)
        if command.released:
            raise Refused("not_found", "The command has been released.")
        self._hand_over(connection, command)

    def _hand_over(self, connection: Connection, command: Command) -> None:
        reply = {"ok": True, "pid": command.pid, "note": command.note, "failed": command.failed}
        if connection.send(reply, command.streams.ends):
            command.watch(connection)

    def _release(self, connection: Connection, request: dict, _: list[int]) -> None:
        self.commands.release(self.commands.get(request))
        connection.send({"ok": True})

    def _signal(self, connection: Connection, request: dict, _: list[int]) -> None:
        number = request.get("signum")
        if not isinstance(number, int) or not 0 < number < signal.NSIG:
            raise Refused("invalid", "There is no such signal.")
        self.commands.signal(self.commands.get(request), number)
        connection.send({"ok": True})

    def _end_command(self, connection: Connection, request: dict, _: list[int]) -> None:
        self.commands.end(self.commands.get(request), float(request.get("grace", 0)))
        connection.send({"ok": True})

    def _left(self, connection: Connection, request: dict, _: list[int]) -> None:
        left = self.commands.left(self.commands.get(request))
        connection.send({"ok": True, "left": left})

    def _input(self, connection: Connection, request: dict, _: list[int]) -> None:
        self.commands.get(request).standard_input().serve(connection, request)

    def _resize(self, connection: Connection, request: dict, _: list[int]) -> None:
        self.commands.get(request).terminal().resize(request.get("cols"), request.get("rows"))
        connection.send({"ok": True})

    def _commands(self, connection: Connection, request: dict, _: list[int]) -> None:
        offset = request.get("offset", 0)
        kept = list(self.commands.by_name.values())[offset : offset + COMMANDS_PER_PAGE]
        more = offset + len(kept) < len(self.commands.by_name)
        page = [command.describe() for command in kept if not command.released]
        connection.send(
            {"ok": True, "commands": page, "next": offset + len(kept) if more else None}
        )

    def _connect(self, connection: Connection, request: dict, _: list[int]) -> None:
        port = request.get("port")
        if not self.settings.isolated and port not in network.ports(isolated=False):
            raise Refused("refused", "Nothing in this sandbox listens on that port.")
        family = request.get("family", 4)
        _send_away(connection, network.connecting(port, family, self.settings.isolated))

    def _listen(self, connection: Connection, request: dict, _: list[int]) -> None:
        _send_away(connection, network.listening(request.get("port")))

    def _ports(self, connection: Connection, _: dict, __: list[int]) -> None:
        connection.send({"ok": True, "ports": network.ports(self.settings.isolated)[:4096]})

    def _deadline(self, connection: Connection, request: dict, _: list[int]) -> None:
        if self.ending:
            raise Refused("ending", "The sandbox is shutting down.")
        seconds = float(request.get("seconds", 0))
        self.deadline = time.monotonic() + seconds if seconds > 0 else float("inf")
        connection.send({"ok": True})

    def _adopt(self, connection: Connection, request: dict, _: list[int]) -> None:
        self.settings.adopt(request["env"], request["rlimits"])
        self.started = time.monotonic()
        self._deadline(connection, request, [])

    def _files(self, connection: Connection, request: dict, descriptors: list[int]) -> None:
        if len(descriptors) != 1:
            raise Refused("invalid", "A file operation needs its stream.")
        worker = self.files.start(descriptors[0], float(request.get("timeout", 30)))
        self.owners.began(worker, None)
        connection.send({"ok": True})

    def _shutdown(self, connection: Connection, _: dict, __: list[int]) -> None:
        if not self.ending:
            self._end()
        connection.send({"ok": True})


def _send_away(connection: Connection, sock: socket.socket) -> None:
    try:
        connection.send({"ok": True}, [sock.fileno()])
    finally:
        sock.close()
