"""A started sandbox as tests use it, and waiting with a deadline."""

from __future__ import annotations

import os
import secrets
import select
import socket
import time
from pathlib import Path

from sandboxes.engine import (
    AgentClient,
    CommandExit,
    Engine,
    ExecSpec,
    FileOperations,
    RunningCommand,
    SandboxHandle,
    SandboxSpec,
)
from tests.fixtures.waiting import PATIENCE


class Box:
    """A started sandbox with the short cuts that tests want."""

    def __init__(self, engine: Engine, handle: SandboxHandle, spec: SandboxSpec) -> None:
        self.engine = engine
        self.handle = handle
        self.spec = spec
        self.agent: AgentClient = engine.agent(handle)
        self.files: FileOperations = self.agent

    @property
    def workspace(self) -> Path:
        return self.spec.root / "workspace"

    def begin(self, *argv: str, **options: object) -> RunningCommand:
        name = f"cmd{secrets.token_hex(6)}"
        return self.agent.exec(ExecSpec(name, list(argv), **options))

    def run(self, *argv: str, **options: object) -> tuple[CommandExit, str, str]:
        """Run to the end of the command and of its output."""
        with self.begin(*argv, **options) as command:
            out, err = drain(command.stdout), drain(command.stderr)
            return exit_of(command), out.decode("utf-8", "replace"), err.decode()

    def shell(self, script: str, **options: object) -> str:
        ended, out, err = self.run("/bin/bash", "-c", script, **options)
        assert ended.code == 0, (ended, out, err)
        return out.strip()


def readable(descriptor: int | socket.socket, seconds: float) -> bool:
    """Whether there is something to read in time. Unlike select() it takes any descriptor."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(max(0.0, seconds) * 1000))


def drain(descriptor: int, patience: float = PATIENCE) -> bytes:
    """Read a non-blocking pipe to its end."""
    data = bytearray()
    deadline = time.monotonic() + patience
    while True:
        ready = readable(descriptor, deadline - time.monotonic())
        assert ready, f"no end of output in time; so far {bytes(data[-300:])!r}"
        chunk = os.read(descriptor, 1 << 16)
        if not chunk:
            return bytes(data)
        data += chunk


def read_until(descriptor: int, marker: bytes, patience: float = PATIENCE) -> bytes:
    """Read a non-blocking pipe until `marker` has come."""
    data = bytearray()
    deadline = time.monotonic() + patience
    while marker not in data:
        ready = readable(descriptor, deadline - time.monotonic())
        assert ready, f"{marker!r} did not come; so far {bytes(data[-300:])!r}"
        chunk = os.read(descriptor, 1 << 16)
        assert chunk, f"output ended without {marker!r}: {bytes(data[-300:])!r}"
        data += chunk
    return bytes(data)


def exit_of(command: RunningCommand, patience: float = PATIENCE) -> CommandExit:
    ready = readable(command.connection, patience)
    assert ready, "no exit in time"
    ended = command.exit()
    assert ended is not None
    return ended
