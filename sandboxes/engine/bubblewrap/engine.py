"""The engine of level "full": a bubblewrap per sandbox, with our agent as its PID 1."""

from __future__ import annotations

import atexit
import os
import tempfile
from functools import cache
from pathlib import Path

from .. import agent_process, directories, limits, mount_points, processes, sleep, sockets
from ..client import AgentClient
from ..errors import EngineError
from ..link import opening
from ..spec import Level, SandboxHandle, SandboxSpec
from .binary import Binary
from .launch import Launch


class BubblewrapEngine:
    level = Level.FULL

    def __init__(self, binary: Binary) -> None:
        self.binary = binary
        # Whether sandboxes can be root of their own; found by the self-test.
        self.writable = False
        self.read_only_because = ""

    def start(self, spec: SandboxSpec) -> SandboxHandle:
        """Start a sandbox and wait until its agent answers; raises EngineError.

        Nothing is left behind when it fails, except for the directories.
        """
        if spec.uid is None and os.geteuid() == 0:
            raise EngineError(
                "A sandbox must not run as root.", "Give the sandbox a user id of its own."
            )
        if spec.uid is not None and os.geteuid() != 0:
            raise EngineError("Only root can start a sandbox as another user.")
        agent_process.compile_source()
        launch = Launch(self.binary, spec, spec.shared or _temporary_place())
        path = spec.run_dir / f"{spec.name}.sock"
        handle: SandboxHandle | None = None
        pid, cgroup = 0, ""
        try:
            own = (*directories.prepare(spec), directories.prepare_temporary(spec))
            mount_points.prepare(spec)
            cgroup = limits.create(spec.name, spec.limits)
            with sockets.listen(path) as listener:
                pid = launch.run(listener, cgroup, own)
            handle = self._handle(spec, pid, path, cgroup)
            AgentClient(handle).ping(timeout=sockets.remaining(launch.deadline))
            limits.stand_back(cgroup)  # nothing of others has run in it yet
            launch.let_go()
            return handle
        except BaseException as error:
            complaint = launch.complaint()
            opening.forget(pid)
            if handle:
                self.kill(handle)
            path.unlink(missing_ok=True)
            limits.remove(cgroup)
            if isinstance(error, EngineError) and complaint:
                raise EngineError(f"{error} It said: {complaint}", error.hint)
            if isinstance(error, OSError):
                raise EngineError(f"The sandbox could not be started: {error}.")
            raise
        finally:
            launch.close()

    def alive(self, handle: SandboxHandle) -> bool:
        """Whether exactly this sandbox still runs."""
        return processes.is_same(handle.pid, handle.pid_started, handle.boot_id)

    def kill(self, handle: SandboxHandle) -> None:
        """End the sandbox with everything in it, at once. Fine to repeat; raises EngineError
        when it is still there after some seconds."""
        opening.forget(handle.pid)
        sleep.wake(handle.cgroup)  # what is held still does not hear of its end
        gone = processes.kill(handle.pid, handle.pid_started, handle.boot_id)
        if not gone:
            raise EngineError("The sandbox does not end, although it was killed.")
        Path(handle.socket_path).unlink(missing_ok=True)
        limits.remove(handle.cgroup)

    def agent(self, handle: SandboxHandle) -> AgentClient:
        return AgentClient(handle)

    def _handle(self, spec: SandboxSpec, pid: int, path: Path, cgroup: str) -> SandboxHandle:
        started = processes.started_at(pid)
        if started is None:
            raise EngineError("The sandbox ended as soon as it was started.")
        boot = processes.boot_id()
        writable = spec.base is not None
        return SandboxHandle(
            self.level, pid, started, boot, str(path), spec.uid, cgroup, writable=writable
        )


@cache
def _temporary_place() -> Path:
    """Of this process, removed at its end."""
    made = tempfile.TemporaryDirectory(prefix="vibe-shared-")
    atexit.register(made.cleanup)
    return Path(made.name)
