"""Sandboxes that were started ahead: what one of them can still become."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from .. import directories, limits
from ..client import AgentClient
from ..spec import SandboxHandle, SandboxSpec
from . import argv


def fits(spare: SandboxSpec, wanted: SandboxSpec) -> bool:
    """Whether they agree in what is settled at the start: ids, mounts, and their sizes."""
    same = (spare.uid, spare.base, spare.network) == (wanted.uid, wanted.base, wanted.network)
    return same and argv.shared_memory(spare.limits) == argv.shared_memory(wanted.limits)


def hand_over(handle: SandboxHandle, spare: SandboxSpec, wanted: SandboxSpec) -> SandboxHandle:
    """Make the sandbox that was started as `spare` the one that is wanted, and return how to find
    it now. Its directories and its socket move to where those of `wanted` belong.

    Raises EngineError and OSError; it is then to be ended.
    """
    if wanted.limits != spare.limits:
        limits.update(handle.cgroup, wanted.limits)
    directories.fill(spare.root / directories.HOME, wanted)
    env = {**argv.base_environment(), **wanted.env}
    AgentClient(handle).adopt(env, limits.rlimits(wanted.limits), wanted.timeout)
    path = wanted.run_dir / f"{wanted.name}.sock"
    Path(handle.socket_path).rename(path)
    # What is mounted inside stays mounted: it is the same directories under another name.
    os.rename(spare.root, wanted.root)
    return replace(handle, socket_path=str(path))
