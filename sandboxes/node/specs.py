"""What the engine is told of a sandbox: its places, ids, environment and limits."""

from __future__ import annotations

import re
from dataclasses import replace

from django.conf import settings

from sandboxes.engine import Level, SandboxSpec, levels, programs
from sandboxes.host import runtime_packages, runtimes, toolchains, way_out
from sandboxes.host.shares import first_port_of, ids_of, root_of, warm_root_of
from sandboxes.models import SandboxSession, WarmSandbox
from sandboxes.services import limits
from vibe.accounts.models import User


def spec_of(session: SandboxSession, level: Level) -> SandboxSpec:
    """What a session starts with."""
    sandbox = session.sandbox
    uid, base = ids_of(sandbox.number)
    return SandboxSpec(
        name=session.id.removeprefix("sbx_"),
        root=root_of(sandbox),
        run_dir=settings.RUN_DIR,
        uid=uid,
        base=base,
        shared=settings.DATA_DIR / "shared",
        env={
            **toolchains.settings_of_programs(level),
            **way_out.environment(level),
            **runtimes.variables(level, sandbox.runtime),
            **sandbox.env,
        },
        network=way_out.shared_directory() if levels.closes_network(level) else None,
        timeout=float(sandbox.timeout),
        limits=limits.of(sandbox),
        first_port=first_port_of(sandbox.number),
        mounts=toolchains.mounts() if level.mounts else (),
        system=toolchains.system() if level.mounts else None,
        runtimes=runtime_packages.directory() if level.mounts else None,
        home_files={**_git_identity(sandbox.owner), **way_out.home_files(level)},
        link=level.own_network,
    )


def of_number(spec: SandboxSpec, number: int) -> SandboxSpec:
    """The same of a sandbox that has another number, and so other ids and ports."""
    uid, base = ids_of(number)
    return replace(spec, uid=uid, base=base, first_port=first_port_of(number))


def warm_spec_of(row: WarmSandbox, level: Level, seconds: float) -> SandboxSpec:
    """What one starts with that is nobody's yet, and ends after so many seconds."""
    uid, base = ids_of(row.number)
    return SandboxSpec(
        name=row.name,
        root=warm_root_of(row.name),
        run_dir=settings.RUN_DIR,
        uid=uid,
        base=base,
        shared=settings.DATA_DIR / "shared",
        network=way_out.shared_directory() if levels.closes_network(level) else None,
        timeout=seconds,
        limits=limits.default(),
        mounts=toolchains.mounts(),
        system=toolchains.system(),
        runtimes=runtime_packages.directory(),
        spare=True,
        link=level.own_network,
    )


def _git_identity(owner: User) -> dict[str, str]:
    """Who commits are by, until the sandbox's own git settings say otherwise."""
    account = owner.get_username()
    email = owner.email or f"{re.sub(r'[^A-Za-z0-9._+-]', '-', account)}@noreply"
    return programs.git_identity(owner.get_full_name() or account, email)
