"""The engine of level "reduced": the same agent as a process of this machine, confined by
Landlock and seccomp, for hosts that forbid namespaces."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

from .. import directories, processes, programs
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
        own = self._programs(spec, home)
        around.env.update(programs.environment(str(own), str(home)))
        around.env.update(
            PATH=programs.path(str(own), str(home), os.environ.get("PATH", os.defpath)),
            GIT_CONFIG_SYSTEM=str(own / programs.GIT),
        )
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
        path = _cleared(home / ".tmp")
        path.mkdir(mode=0o700)
        give(path, spec)
        return path

    def _programs(self, spec: SandboxSpec, home: Path) -> Path:
        """The sandbox's own copy of the programs that the platform has for all."""
        path = _cleared(home / ".programs")
        shutil.copytree(programs.SOURCE, path)
        give(path, spec)
        return path


def _cleared(path: Path) -> Path:
    """Where nothing is any more, whatever the sandbox made of it."""
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
    else:
        shutil.rmtree(path)
    return path
