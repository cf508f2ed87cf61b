"""The engine of level "reduced": the same agent as a process of this machine, confined by
Landlock and seccomp, for hosts that forbid namespaces."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

from .. import directories, processes
from ..agent_process import Surroundings
from ..errors import EngineUnavailable
from ..plain.engine import PlainEngine
from ..spec import Level, SandboxHandle, SandboxSpec
from . import abi, rules, way_out
from .way_out import give


class LandlockEngine(PlainEngine):
    level = Level.REDUCED

    def start(self, spec: SandboxSpec) -> SandboxHandle:
        """Start a confined agent and wait until it answers; raises EngineError."""
        if problem := abi.problem():
            raise EngineUnavailable(problem, abi.HINT)
        _, home = directories.prepare(spec)
        return super().start(way_out.opened(spec, home))

    def kill(self, handle: SandboxHandle) -> None:
        """End the agent and everything below it. Fine to repeat; raises EngineError."""
        super().kill(handle)
        if handle.uid is not None and not handle.cgroup and os.geteuid() == 0:
            uid = handle.uid  # its own: whatever still has it is the sandbox's
            processes.kill_members(lambda: processes.of_user(uid))

    def _handle(self, spec: SandboxSpec, pid: int, path: Path, cgroup: str) -> SandboxHandle:
        handle = super()._handle(spec, pid, path, cgroup)
        return replace(handle, proxy_port=rules.proxy_port(spec))

    def _surroundings(self, spec: SandboxSpec, workspace: Path, home: Path) -> Surroundings:
        around = super()._surroundings(spec, workspace, home)
        temporary = self._temporary(spec, home)
        around.env.update(TMPDIR=str(temporary))
        if spec.first_port:
            around.env.update(PORT=str(spec.first_port))
        return Surroundings(
            around.workspace,
            around.home,
            around.env,
            isolated=False,
            confinement=rules.confinement(spec, workspace, home),
        )

    def _temporary(self, spec: SandboxSpec, home: Path) -> Path:
        """An empty directory in place of the host's /tmp."""
        path = home / ".tmp"
        if path.is_symlink() or not path.is_dir():
            path.unlink(missing_ok=True)
        else:
            shutil.rmtree(path)
        path.mkdir(mode=0o700)
        give(path, spec)
        return path
