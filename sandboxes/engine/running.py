"""A command as the host sees it: the connection that tells its end, and its pipes."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import stat
from collections.abc import Callable
from typing import Any

from . import sockets
from .errors import AgentProtocolError
from .spec import CommandExit, Pipe

PIPE_ENDS = 6  # stdout, stderr, and both ends of the two in-flight pipes
WRITE_ENDS = (3, 5)
MAX_LEFT = 1 << 22  # processes; as many as a kernel has
KILLED_IN_SHELL = 128 + signal.SIGKILL  # what a shell answers when its program was killed


class RunningCommand:
    """Owns its descriptors until close(). All of them are non-blocking.

    `connection` becomes readable when exit() has news. `inflight` are two spare pipes that the
    agent keeps open as well: what has been moved into them outlives this process.
    """

    def __init__(
        self,
        command: str,
        connection: socket.socket,
        reply: dict[str, Any],
        fds: list[int],
        out_of_memory: Callable[[str], bool],
    ) -> None:
        """Takes over `connection` and `fds`, also when it raises AgentProtocolError."""
        try:
            pid, note = reply.get("pid"), reply.get("note", "")
            if not isinstance(pid, int) or not isinstance(note, str):
                raise AgentProtocolError("The sandbox answered without a process number.")
            self._fds = reopen_pipes(fds)
        except BaseException:
            connection.close()
            raise
        finally:
            sockets.close_all(fds)
        connection.setblocking(False)
        self.command = command
        self.pid = pid
        self.connection = connection
        self.stdout, self.stderr = self._fds[:2]
        self.inflight = (Pipe(*self._fds[2:4]), Pipe(*self._fds[4:6]))
        # Its program could not be started; exit() will say why.
        self.failed = reply.get("failed") is True
        self._note = note
        self._out_of_memory = out_of_memory
        self._exit: CommandExit | None = None

    def exit(self) -> CommandExit | None:
        """How the command ended, or None while it runs. Never waits.

        Raises SandboxGone when the sandbox ended with it, AgentProtocolError.
        """
        if self._exit is None:
            try:
                message, fds = sockets.receive(self.connection, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return None
            sockets.close_all(fds)
            result = message.get("exit")
            if message.get("event") != "exit" or not isinstance(result, dict):
                raise AgentProtocolError("The sandbox sent something that is not an exit.")
            killed = not (result.get("timed_out") or result.get("requested")) and (
                result.get("signal") == signal.SIGKILL or result.get("code") == KILLED_IN_SHELL
            )
            self._exit = parse_exit(result, killed and self._out_of_memory(self._note))
        return self._exit

    def close(self) -> None:
        """Give up the descriptors. The command itself runs on; see AgentClient.release."""
        self.connection.close()
        sockets.close_all(self._fds)
        self._fds = []

    def __enter__(self) -> RunningCommand:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def reopen_pipes(fds: list[int]) -> list[int]:
    """New non-blocking descriptors of the six pipe ends that an agent has sent.

    Opened anew, because a received descriptor shares its flags with the sender, who could make
    it blocking again and hang the host. Raises AgentProtocolError when they are not what they
    should be.
    """
    if len(fds) != PIPE_ENDS:
        raise AgentProtocolError(f"The sandbox sent {len(fds)} descriptors instead of {PIPE_ENDS}.")
    opened: list[int] = []
    try:
        for position, fd in enumerate(fds):
            access = os.O_WRONLY if position in WRITE_ENDS else os.O_RDONLY
            if not stat.S_ISFIFO(os.fstat(fd).st_mode):
                raise AgentProtocolError("The sandbox sent a descriptor that is not a pipe.")
            if fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_ACCMODE != access:
                raise AgentProtocolError("The sandbox sent the wrong end of a pipe.")
            flags = access | os.O_NONBLOCK | os.O_CLOEXEC
            opened.append(os.open(f"/proc/self/fd/{fd}", flags))
    except OSError as error:
        sockets.close_all(opened)
        raise AgentProtocolError(f"A pipe of the sandbox cannot be opened: {error.strerror}.")
    except BaseException:
        sockets.close_all(opened)
        raise
    return opened


def parse_exit(result: dict[str, Any], out_of_memory: bool = False) -> CommandExit:
    """Read the agent's account of an exit; raises AgentProtocolError."""
    try:
        code, number = result["code"], result["signal"]
        if (code is None) == (number is None):
            raise ValueError
        return CommandExit(
            code=None if code is None else int(code) & 0xFF,
            signal=None if number is None else int(number) & 0x7F,
            timed_out=bool(result["timed_out"]),
            requested=bool(result["requested"]),
            sandbox_ending=bool(result["sandbox_ending"]),
            left=max(0, min(int(result["left"]), MAX_LEFT)),
            out_of_memory=out_of_memory,
            error=str(result["error"])[:1000],
            cpu_seconds=float(result["cpu_seconds"]),
            max_rss=int(result["max_rss"]),
            wall_seconds=float(result["wall_seconds"]),
        )
    except (KeyError, TypeError, ValueError, OverflowError):
        raise AgentProtocolError("The sandbox sent an exit that makes no sense.")
