"""The host's side of the control protocol: one connection per call, a deadline on each."""

from __future__ import annotations

import asyncio
import socket
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from . import calls, connecting, limits, sleep
from . import input as inputs
from .errors import AgentProtocolError, RequestRefused
from .file_stream import FileStream
from .files import FileOperations
from .input import InputLine
from .ports import FIRST, LAST
from .running import MAX_LEFT, RunningCommand
from .spec import GRACE, ExecSpec, InputState, SandboxHandle, TerminalSize

MAX_COMMANDS = 4096


class AgentClient(FileOperations):
    """Talks to the agent of one sandbox. Thread-safe: it holds no connection.

    Every method may raise SandboxGone, AgentTimeout, AgentProtocolError and RequestRefused.
    What needs something in the sandbox to go on wakes it, should it sleep.
    """

    def __init__(self, handle: SandboxHandle) -> None:
        self.path = Path(handle.socket_path)
        self.cgroup = handle.cgroup

    def ping(self, timeout: float = 5.0) -> dict[str, Any]:
        """{"uptime", "seconds_left" (None: no limit), "running", "python"}; times in seconds."""
        reply = calls.ask(self.path, {"op": "ping"}, timeout)
        return {key: reply.get(key) for key in ("uptime", "seconds_left", "running", "python")}

    def exec(self, spec: ExecSpec) -> RunningCommand:
        """Start a command. A program that cannot be started shows in its exit."""
        sleep.wake(self.cgroup)
        request = {
            "op": "exec",
            "command": spec.command,
            "argv": spec.argv,
            "cwd": spec.cwd,
            "env": spec.env,
            "timeout": spec.timeout,
            "grace": spec.grace,
            "limits_left": spec.limits_left,
            "note": str(limits.oom_kills(self.cgroup)),
            "stdin": spec.stdin,
            "terminal": asdict(spec.terminal) if spec.terminal else None,
            "sudo": spec.sudo,
        }
        return calls.start(self.path, request, self._ran_out_of_memory)

    def attach(self, command: str) -> RunningCommand:
        """Take up a command that an earlier process had started and not released."""
        request = {"op": "attach", "command": command}
        return calls.start(self.path, request, self._ran_out_of_memory)

    def release(self, command: str) -> None:
        """Done with it: the agent discards what its descendants still write."""
        calls.ask(self.path, {"op": "release", "command": command})

    def signal(self, command: str, signum: int) -> None:
        """TERM, STOP and CONT go to everything that the command has started, KILL ends all of it,
        others go to its process group. When it ends because of one, the rest is ended too."""
        sleep.wake(self.cgroup)
        calls.ask(self.path, {"op": "signal", "command": command, "signum": int(signum)})

    def end(self, command: str, grace: float = GRACE) -> None:
        """Ask for the end of everything that the command has started, also of what it left behind
        at its own end: TERM (HUP first for a terminal), KILL after `grace` seconds. Its exit comes
        when nothing is left."""
        sleep.wake(self.cgroup)
        calls.ask(self.path, {"op": "end", "command": command, "grace": grace})

    def left(self, command: str) -> int:
        """How many processes an ended command has left running; 0 for one that is forgotten."""
        try:
            left = calls.ask(self.path, {"op": "left", "command": command}).get("left")
        except RequestRefused as refusal:
            if refusal.code != "not_found":
                raise
            return 0
        if type(left) is not int:
            raise AgentProtocolError("The sandbox sent a count that makes no sense.")
        return max(0, min(left, MAX_LEFT))

    def write_input(
        self,
        command: str,
        data: bytes,
        *,
        offset: int | None = None,
        close: bool = False,
        timeout: float = inputs.WRITE_TIMEOUT,
    ) -> InputState:
        """Write to a command's standard input or terminal; returns when it has taken all.

        `offset` is where `data` begins, so that a write can be repeated. Refusals: not_found
        (it has ended), stdin_unavailable, gap (offset above what is written), busy.
        """
        sleep.wake(self.cgroup)
        return inputs.write(self.path, command, data, offset, close, timeout)

    def input_state(self, command: str) -> InputState:
        """How far its standard input has come; refusals as for write_input."""
        return inputs.parse_state(calls.ask(self.path, {"op": "input", "command": command}))

    def input_line(self, command: str) -> InputLine:
        """A lasting connection to write over, for an event loop."""
        return InputLine(self.path, command, self.cgroup)

    def resize(self, command: str, size: TerminalSize) -> None:
        """Tell a command's terminal its size."""
        calls.ask(self.path, inputs.resize_request(command, size))

    def commands(self) -> list[dict[str, Any]]:
        """[{command, pid, running, age (seconds), exit (as sent by the agent) or None}]."""
        found: list[dict[str, Any]] = []
        offset: Any = 0
        while offset is not None and len(found) < MAX_COMMANDS:
            reply = calls.ask(self.path, {"op": "commands", "offset": offset})
            page, following = reply.get("commands"), reply.get("next")
            if not isinstance(page, list) or not all(isinstance(entry, dict) for entry in page):
                raise AgentProtocolError("The sandbox sent a list that makes no sense.")
            if following is not None and (not isinstance(following, int) or following <= offset):
                raise AgentProtocolError("The sandbox sent a list that does not end.")
            found += page
            offset = following
        return found

    def connect(self, port: int, timeout: float = 2.0) -> socket.socket:
        """A blocking socket connected to the port in the sandbox, whichever of its addresses that
        listens on; for threads.

        Raises ConnectionRefusedError when nothing listens, TimeoutError.
        """
        connected = asyncio.run(self.reach(port, timeout))
        connected.setblocking(True)
        return connected

    async def reach(self, port: int, timeout: float = 2.0) -> socket.socket:
        """As `connect`, for an event loop; the socket does not block."""
        sleep.wake(self.cgroup)
        return await connecting.connect(self.path, port, timeout)

    def listen(self, port: int) -> socket.socket:
        """A blocking listening socket on 127.0.0.1 in the sandbox."""
        sleep.wake(self.cgroup)
        sock = calls.fetch_socket(
            self.path, {"op": "listen", "port": port}, time.monotonic() + calls.CALL_TIMEOUT
        )
        sock.setblocking(True)
        return sock

    def ports(self, timeout: float = calls.CALL_TIMEOUT) -> list[int]:
        """TCP ports from 1024 on that something in the sandbox listens on, sorted."""
        found = calls.ask(self.path, {"op": "ports"}, timeout).get("ports")
        if not isinstance(found, list) or not all(type(port) is int for port in found):
            raise AgentProtocolError("The sandbox sent ports that make no sense.")
        return sorted({port for port in found if FIRST <= port <= LAST})

    def set_deadline(self, seconds: float) -> None:
        """Let the sandbox live so many seconds from now; 0 for no limit."""
        calls.ask(self.path, {"op": "deadline", "seconds": seconds})

    def adopt(self, env: dict[str, str], rlimits: list[tuple[int, int]], seconds: float) -> None:
        """Make a sandbox that was started ahead somebody's: the environment and the limits of
        its commands, and how long it lives from now on. Refused, `exists`, the second time."""
        request = {"op": "adopt", "env": env, "rlimits": rlimits, "seconds": seconds}
        calls.ask(self.path, request)

    def shutdown(self) -> None:
        """Ask for the end: TERM to all, 2 s of grace, then everything is killed."""
        sleep.wake(self.cgroup)
        calls.ask(self.path, {"op": "shutdown"})

    def _stream(self, timeout: float) -> FileStream:
        ours, theirs = socket.socketpair()
        stream = FileStream(ours, timeout)
        try:
            with theirs:
                calls.ask(self.path, {"op": "files", "timeout": timeout}, fds=[theirs.fileno()])
        except BaseException:
            ours.close()
            raise
        return stream

    def _ran_out_of_memory(self, note: str) -> bool:
        """Whether the sandbox has lost processes to the OOM killer since `note` was written."""
        return note.isdecimal() and limits.oom_kills(self.cgroup) > int(note)
