"""The engine of level "none": the same agent as an ordinary process, without isolation.

Commands see the host's files, processes and network. It exists for tests, and for people who
have agreed to it where nothing better works.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from .. import agent_process, directories, limits, processes, sleep, sockets
from ..agent import owners
from ..agent.processes import descendants
from ..agent_process import Surroundings
from ..client import AgentClient
from ..errors import EngineError
from ..spec import Level, SandboxHandle, SandboxSpec
from .reach import unreachable

MAX_COMPLAINT = 4000


class PlainEngine:
    level = Level.NONE
    writable = False
    read_only_because = "commands are not isolated enough for that here"

    def start(self, spec: SandboxSpec) -> SandboxHandle:
        """Start an agent and wait until it answers; raises EngineError."""
        if spec.uid is not None and os.geteuid() != 0:
            raise EngineError("Only root can start a sandbox as another user.")
        if spec.uid is None and os.geteuid() == 0:
            raise EngineError(
                "A sandbox must not run as root.", "Give the sandbox a user id of its own."
            )
        workspace, home = directories.prepare(spec)
        if spec.uid is not None and (closed := unreachable(workspace, spec.uid)):
            raise EngineError(
                f"The sandbox's user may not enter {closed}.",
                "Set VIBE_DATA_DIR to a directory that every user may enter, e.g. /var/lib/vibe.",
            )
        path = spec.run_dir / f"{spec.name}.sock"
        cgroup = limits.create(spec.name, spec.limits)
        handle: SandboxHandle | None = None
        process: subprocess.Popen[bytes] | None = None
        try:
            with sockets.listen(path) as listener:
                process = _launch(spec, listener, self._surroundings(spec, workspace, home))
            limits.join(cgroup, process.pid)
            handle = self._handle(spec, process.pid, path, cgroup)
            AgentClient(handle).ping(timeout=agent_process.READY_TIMEOUT)
            return handle
        except BaseException as error:
            if handle:
                self.kill(handle)
            complaint = _complaint(process)
            path.unlink(missing_ok=True)
            limits.remove(cgroup)
            if isinstance(error, EngineError | OSError):
                raise EngineError(f"The sandbox could not be started: {error} {complaint}".strip())
            raise
        finally:
            if process and process.stderr:
                process.stderr.close()

    def alive(self, handle: SandboxHandle) -> bool:
        """Whether exactly this agent still runs."""
        return processes.is_same(handle.pid, handle.pid_started, handle.boot_id)

    def kill(self, handle: SandboxHandle) -> None:
        """End the agent and everything below it that can be found. Fine to repeat."""
        sleep.wake(handle.cgroup)  # what is held still does not hear of its end
        if self.alive(handle):
            # Children first, while the agent is still there to inherit what they leave behind.
            processes.kill_tree(handle.pid, descendants)
            if not processes.kill(handle.pid, handle.pid_started, handle.boot_id):
                raise EngineError("The sandbox does not end, although it was killed.")
        processes.kill_members(lambda: limits.members(handle.cgroup))
        # Here a command can kill its agent, and then is nobody's child any more.
        processes.kill_members(lambda: owners.of_agent(handle.pid))
        Path(handle.socket_path).unlink(missing_ok=True)
        limits.remove(handle.cgroup)

    def agent(self, handle: SandboxHandle) -> AgentClient:
        return AgentClient(handle)

    def _surroundings(self, _: SandboxSpec, workspace: Path, home: Path) -> Surroundings:
        path = f"{home}/.local/bin:{os.environ.get('PATH', '/usr/local/bin:/usr/bin:/bin')}"
        env = {"HOME": str(home), "PATH": path, "LANG": "C.UTF-8"}
        return Surroundings(str(workspace), str(home), env, isolated=False)

    def _handle(self, spec: SandboxSpec, pid: int, path: Path, cgroup: str) -> SandboxHandle:
        started = processes.started_at(pid)
        if started is None:
            raise EngineError("It ended as soon as it was started.")
        boot = processes.boot_id()
        return SandboxHandle(self.level, pid, started, boot, str(path), spec.uid, cgroup)


def interpreter(uid: int | None) -> str:
    """A Python that the sandbox's user can run."""
    for path in (agent_process.INTERPRETER, sys.executable, shutil.which("python3") or ""):
        if path and Path(path).exists():
            resolved = Path(path).resolve()
            if uid is None or unreachable(resolved, uid) is None:
                return path
    raise EngineError("There is no Python that the sandbox's user could run.")


def _launch(
    spec: SandboxSpec, listener: socket.socket, around: Surroundings
) -> subprocess.Popen[bytes]:
    settings = agent_process.settings_file(spec, around)
    # By descriptor: the source may lie where the sandbox's user cannot go.
    source = os.open(agent_process.SOURCE.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        arguments = agent_process.command_line(
            interpreter(spec.uid), f"/proc/self/fd/{source}", listener.fileno(), settings
        )
        user = spec.uid
        identity: dict[str, Any] = (
            {} if user is None else {"user": user, "group": user, "extra_groups": []}
        )
        return subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            pass_fds=[settings, source, listener.fileno()],
            cwd=around.workspace,
            env={},
            start_new_session=True,
            **identity,
        )
    finally:
        sockets.close_all([settings, source])


def _complaint(process: subprocess.Popen[bytes] | None) -> str:
    if process is None or process.stderr is None:
        return ""
    process.kill()
    process.wait()
    os.set_blocking(process.stderr.fileno(), False)
    try:
        return os.read(process.stderr.fileno(), MAX_COMPLAINT).decode("utf-8", "replace").strip()
    except OSError:
        return ""
