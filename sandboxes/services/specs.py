"""What the engine is told of a sandbox: its places, ids, environment and limits."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from django.conf import settings

from sandboxes.engine import SandboxSpec
from sandboxes.engine.landlock import rules
from sandboxes.engine.spec import FIRST_BASE, RANGE, RANGES, USER_ID
from sandboxes.models import Sandbox, SandboxSession, WarmSandbox
from sandboxes.services import isolation, limits, network, toolchains

# Host users of sandboxes when the platform runs as root: one each, so that they are strangers.
FIRST_UID = 200_000
UID_COUNT = 60_000
# Host ids from a sandbox's first one on that its files may be owned by.
IDS_OF_SANDBOX = 65_536
# TCP ports of sandboxes where they share the host's network: below those that the kernel hands out.
FIRST_PORT, PORT_SHARES = 20_000, 1_200
WARM = ".warm-"  # before the names of the directories of those that are nobody's yet


def root_of(sandbox: Sandbox) -> Path:
    """Where a sandbox's files lie on the host."""
    return settings.DATA_DIR / "sandboxes" / sandbox.id


def warm_root_of(name: str) -> Path:
    return settings.DATA_DIR / "sandboxes" / f"{WARM}{name}"


def first_id_of(sandbox: Sandbox) -> int | None:
    """First of the host ids that own the sandbox's files; None: they are the platform's own."""
    return _first_id(sandbox.number)


def first_port_of(sandbox: Sandbox) -> int:
    """First of its TCP ports where it shares those of the host."""
    return _first_port(sandbox.number)


def spec_of(session: SandboxSession, level: str) -> SandboxSpec:
    """What a session starts with."""
    sandbox = session.sandbox
    uid, base = _ids(sandbox.number)
    return SandboxSpec(
        name=session.id.removeprefix("sbx_"),
        root=root_of(sandbox),
        run_dir=settings.RUN_DIR,
        uid=uid,
        base=base,
        shared=settings.DATA_DIR / "shared",
        env={**network.environment(level), **tools(level), **sandbox.env},
        network=network.shared_directory() if network.enforced(level) else None,
        timeout=float(sandbox.timeout),
        limits=limits.of(sandbox),
        first_port=first_port_of(sandbox),
        mounts=toolchains.mounts() if level == toolchains.LEVEL else (),
        system=toolchains.system() if level == toolchains.LEVEL else None,
    )


def of_number(spec: SandboxSpec, number: int) -> SandboxSpec:
    """The same of a sandbox that has another number, and so other ids and ports."""
    uid, base = _ids(number)
    return replace(spec, uid=uid, base=base, first_port=_first_port(number))


def warm_spec_of(row: WarmSandbox, level: str, seconds: float) -> SandboxSpec:
    """What one starts with that is nobody's yet, and ends after so many seconds."""
    uid, base = _ids(row.number)
    return SandboxSpec(
        name=row.name,
        root=warm_root_of(row.name),
        run_dir=settings.RUN_DIR,
        uid=uid,
        base=base,
        shared=settings.DATA_DIR / "shared",
        network=network.shared_directory() if network.enforced(level) else None,
        timeout=seconds,
        limits=limits.default(),
        mounts=toolchains.mounts(),
        system=toolchains.system(),
        spare=True,
    )


def tools(level: str) -> dict[str, str]:
    """Variables that lead to the operator's programs."""
    return toolchains.environment() if level == toolchains.LEVEL else {}


def _ids(number: int) -> tuple[int | None, int | None]:
    """(host user, first of the host ids of its own)."""
    first = _first_id(number)
    if first is None or not isolation.root_of_its_own():
        return first, None
    return first + USER_ID, first


def _first_port(number: int) -> int:
    return FIRST_PORT + number % PORT_SHARES * rules.PORTS


def _first_id(number: int) -> int | None:
    if os.geteuid() != 0:
        return None
    if isolation.root_of_its_own():
        return FIRST_BASE + number % RANGES * RANGE
    return FIRST_UID + number % UID_COUNT
