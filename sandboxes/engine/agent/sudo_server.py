"""sudo: programs of the sandbox ask the agent, which is its root, to run something as another.

The sandbox's processes can gain no privileges, so a setuid program would do nothing. A client
connects to ADDRESS and sends {"op": "run"} with descriptors: a file with the request, then the
streams 0, 1, 2 and the working directory. It may send {"signal": N}, and gets {"exit": CODE}.
"""

from __future__ import annotations

import fcntl
import os
import struct

from . import identity
from .bare import signal, socket
from .channel import Connection, ProtocolError, close_all
from .door import Door
from .kernel import make_controlling, volunteer_command
from .mending import check_line_ends, mending
from .messages import loads
from .owners import Owners, wear
from .ready import READ, Ready
from .settings import Settings
from .spawn import apply_rlimits, default_signals, places

TYPE_CHECKING = False  # importing typing would cost every agent memory
if TYPE_CHECKING:
    from typing import NoReturn

ADDRESS = "\0vibe-sudo"  # abstract: nobody can remove it, and it is of this network namespace
MAX_REQUEST = 4 * 1024 * 1024
MAX_RUNNING = 200
MAX_CONNECTIONS = 400
FIRST_FREE = 64


class SudoServer:
    """What has been started for others, by pid. Never waits for anybody."""

    def __init__(self, settings: Settings, ready: Ready, owners: Owners) -> None:
        self.settings = settings
        self.ready = ready
        self.owners = owners
        self.connections = 0
        self.running: dict[int, Connection] = {}
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        listener.bind(ADDRESS)
        listener.listen(64)
        self.door = Door(
            listener, ready, self._welcome, lambda: self.connections >= MAX_CONNECTIONS
        )

    def reaped(self, pid: int, status: int) -> None:
        """Tell the client of a process that the loop has waited for, if it was one of these."""
        connection = self.running.pop(pid, None)
        if connection is not None:
            connection.send({"exit": os.waitstatus_to_exitcode(status)})

    def _welcome(self, sock: socket.socket) -> None:
        raw = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        peer, uid, _ = struct.unpack("3i", raw)
        connection = Connection(sock)
        self.connections += 1
        self.ready.register(sock, READ, lambda: self._serve(connection, peer, uid))

    def _serve(self, connection: Connection, peer: int, uid: int) -> None:
        try:
            received = connection.receive()
        except BlockingIOError:
            return
        except (OSError, ProtocolError):
            received = None
        pid = next((pid for pid, one in self.running.items() if one is connection), 0)
        if received is None:
            self.ready.unregister(connection.socket)
            connection.open = False
            connection.socket.close()
            self.connections -= 1
            if pid:  # the client was killed: what it asked for goes with it
                self.running.pop(pid)
                _signal(pid, signal.SIGKILL)
            return
        request, descriptors = received
        try:
            number = request.get("signal")
            if pid and isinstance(number, int) and 0 < number < signal.NSIG:
                _signal(pid, number)
            elif not pid and request.get("op") == "run" and len(descriptors) == 5:
                self._run(connection, peer, uid, descriptors)
        finally:
            close_all(descriptors)

    def _run(self, connection: Connection, peer: int, uid: int, descriptors: list[int]) -> None:
        assert self.settings.identity is not None
        if uid not in (0, self.settings.identity.uid):
            connection.send({"error": "you are not allowed to run commands as another user"})
            return
        if len(self.running) >= MAX_RUNNING:
            connection.send({"error": "too many commands run as another user already"})
            return
        by = identity.ROOT if uid == 0 else self.settings.identity
        try:
            command = self.owners.asking(peer)  # it ends with the one that asked
            pid = os.fork()
        except OSError as error:
            connection.send({"error": f"it could not be started: {error.strerror}"})
            return
        if pid:
            self.running[pid] = connection
            self.owners.began(pid, command)
            return
        try:
            if command is not None:
                wear(command.mark)
            _child(descriptors, by, self.settings.rlimits)
        finally:
            os._exit(126)


def _child(descriptors: list[int], by: identity.Identity, rlimits: list[tuple[int, int]]) -> None:
    """In the forked child: read the request, become the other user, exec. Never returns."""
    default_signals()
    os.setsid()
    high = [fcntl.fcntl(number, fcntl.F_DUPFD, FIRST_FREE) for number in descriptors]
    for target, number in enumerate(high[1:4]):
        os.dup2(number, target)
    os.dup2(high[0], 3, inheritable=False)
    os.dup2(high[4], 4, inheritable=False)
    os.closerange(5, 1 << 16)
    try:
        request = loads(os.pread(3, MAX_REQUEST, 0))
        argv, env = request["argv"], request["env"]
        who = identity.find(request["user"])
        if who is None:
            _complain(f"unknown user {request['user']}")
        if request.get("terminal"):
            make_controlling(0)
        volunteer_command()
        apply_rlimits(rlimits)
        os.umask(0o022)
        os.fchdir(4)
        if request.get("login"):
            os.chdir(who.home if os.path.isdir(who.home) else "/")
        env = who.environment(env, by)
        who.become()
        if "/" in argv[0]:
            check_line_ends(argv[0])
        os.execvpe(argv[0], argv, {**env, "SUDO_COMMAND": " ".join(argv)})
    except OSError as error:
        program, number = request["argv"][0], error.errno or 0
        missing = isinstance(error, FileNotFoundError)
        reason = "command not found" if missing else error.strerror
        if more := mending(program, number, places(program, request["env"])):
            reason = f"{reason}. {more}"
        _complain(f"{program}: {reason}", 127 if missing else 126)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        _complain(f"the request makes no sense: {error}")


def _complain(text: str, code: int = 1) -> NoReturn:
    os.write(2, f"sudo: {text}\n".encode("utf-8", "backslashreplace"))
    os._exit(code)


def _signal(pid: int, number: int) -> None:
    """To the process's group; to itself while it has none yet. It has not been waited for."""
    try:
        os.killpg(pid, number)
    except OSError:
        try:
            os.kill(pid, number)
        except OSError:
            pass
