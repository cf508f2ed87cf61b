"""Sandboxes, sessions and commands in the protocol's words: camel case, milliseconds, and what
is not known is left out, because the clients refuse null."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sandboxes.engine.egress.response_form import read_back_for_sdk
from sandboxes.engine.spec import WORKSPACE
from sandboxes.host import registries, runtimes
from sandboxes.models import Command, Drive, Sandbox, SandboxSession, Snapshot
from sandboxes.services import limits, network, ports

DEFAULT_REGION = "iad1"
# The terminal has an address of its own here; old clients want a number.
INTERACTIVE_PORT = 7681
MEMORY_PER_VCPU = 2048


def known(**fields: Any) -> dict[str, Any]:
    """The fields that have a value."""
    return {name: value for name, value in fields.items() if value is not None}


def ms(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp() * 1000)


def sandbox_out(sandbox: Sandbox) -> dict[str, Any]:
    """A `Sandbox`; needs `sandbox.session`."""
    session, vcpus = sandbox.session, vcpus_of(sandbox)
    running = session is not None and session.status == SandboxSession.Status.RUNNING
    return known(
        name=sandbox.name,
        persistent=sandbox.persistent,
        currentSessionId=session.id if session else "",
        status=status_of(session),
        createdAt=ms(sandbox.created_at),
        updatedAt=ms(sandbox.updated_at),
        statusUpdatedAt=ms(_changed_at(session) if session else sandbox.created_at),
        region=sandbox.placement.get("region", DEFAULT_REGION),
        failoverRegions=sandbox.placement.get("failoverRegions"),
        networkId=sandbox.placement.get("networkId"),
        vcpus=vcpus,
        memory=vcpus * MEMORY_PER_VCPU,
        runtime=sandbox.runtime or runtimes.default(),
        image=sandbox.image or None,
        timeout=sandbox.timeout * 1000,
        expiresAt=ms(session.expires_at) if session and running else None,
        cwd=WORKSPACE,
        tags=sandbox.tags,
        networkPolicy=policy_out(sandbox),
        totalActiveCpuDurationMs=sandbox.total_cpu_ms,
        totalDurationMs=sandbox.total_duration_ms,
        totalIngressBytes=sandbox.total_ingress_bytes,
        totalEgressBytes=sandbox.total_egress_bytes,
        currentSnapshotId=sandbox.current_snapshot_id,
        snapshotExpiration=_whole_ms(sandbox.snapshot_expiration),
        keepLastSnapshots=_keep_last(sandbox.keep_last_snapshots),
        mounts={
            path: {"drive": one["drive"], "mode": one["mode"]}
            for path, one in sandbox.mounts.items()
        }
        or None,
        projectId=sandbox.placement.get("project"),
    )


def session_out(session: SandboxSession) -> dict[str, Any]:
    """A `Session`; needs `session.sandbox`. Its timeout grows when it is extended."""
    sandbox, vcpus = session.sandbox, vcpus_of(session.sandbox)
    lives = sandbox.timeout * 1000
    if session.started_at and session.expires_at:
        lives = round((session.expires_at - session.started_at).total_seconds()) * 1000
    ran = moved = None
    if session.started_at and session.stopped_at:
        ran = round((session.stopped_at - session.started_at).total_seconds() * 1000)
        moved = {"ingress": session.ingress_bytes, "egress": session.egress_bytes}
    return known(
        id=session.id,
        memory=vcpus * MEMORY_PER_VCPU,
        vcpus=vcpus,
        region=sandbox.placement.get("region", DEFAULT_REGION),
        runtime=sandbox.runtime or runtimes.default(),
        timeout=lives,
        status=status_of(session),
        requestedAt=ms(session.requested_at),
        startedAt=ms(session.started_at),
        stoppedAt=ms(session.stopped_at),
        duration=ran,
        activeCpuDurationMs=session.cpu_ms if ran is not None else None,
        networkTransfer=moved,
        createdAt=ms(session.requested_at),
        updatedAt=ms(_changed_at(session)),
        cwd=WORKSPACE,
        sourceSnapshotId=session.source_snapshot_id,
        networkPolicy=policy_out(sandbox),
        interactivePort=INTERACTIVE_PORT,
        projectId=sandbox.placement.get("project"),
        sourceSandboxName=sandbox.name,
    )


def routes_out(sandbox: Sandbox) -> list[dict[str, Any]]:
    """Where the declared ports are found."""
    return [
        {
            "url": ports.url(sandbox, port).rstrip("/"),
            "subdomain": f"{port}-{sandbox.id}",
            "port": port,
        }
        for port in sandbox.ports
    ]


def whole(sandbox: Sandbox, **more: Any) -> dict[str, Any]:
    """`{sandbox, session, routes}`, as create, get and fork answer."""
    assert sandbox.session is not None
    sandbox.session.sandbox = sandbox
    return {
        "sandbox": sandbox_out(sandbox),
        "session": session_out(sandbox.session),
        "routes": routes_out(sandbox),
        **more,
    }


def policy_out(sandbox: Sandbox) -> dict[str, Any]:
    """The policy in the clients' three modes; no header values."""
    policy = network.policy_of(sandbox)
    hosts = registries.hosts() if policy.mode == "registries" else ()
    return read_back_for_sdk(policy, hosts)


def snapshot_out(snapshot: Snapshot) -> dict[str, Any]:
    """A `Snapshot`; one that is being made is told as the one that it will be."""
    region = snapshot.sandbox.placement.get("region") if snapshot.sandbox else None
    state = snapshot.status
    return known(
        id=snapshot.id,
        sourceSessionId=snapshot.session_id or "",
        sourceSandboxId=snapshot.session_id or "",
        region=region or DEFAULT_REGION,
        status="created" if state == Snapshot.Status.CREATING else state,
        sizeBytes=snapshot.size_bytes,
        createdAt=ms(snapshot.created_at),
        updatedAt=ms(snapshot.updated_at),
        expiresAt=ms(snapshot.expires_at),
        lastUsedAt=ms(snapshot.last_used_at or snapshot.created_at),
        creationMethod="auto" if snapshot.method == Snapshot.Method.STOP else "manual",
        parentId=snapshot.parent_id,
    )


def drive_out(drive: Drive) -> dict[str, Any]:
    """A `Drive`; needs `drive.session.sandbox`."""
    holder = drive.attached_to
    return known(
        id=drive.id,
        name=drive.name,
        projectId=drive.placement.get("project", ""),
        region=drive.placement.get("region", DEFAULT_REGION),
        maxSizeBytes=drive.max_size_bytes,
        createdAt=ms(drive.created_at),
        updatedAt=ms(drive.updated_at),
        currentSessionId=holder.id if holder else None,
        currentSandboxName=holder.sandbox.name if holder else None,
        parentDriveId=drive.parent_id,
        rootDriveId=drive.root_id,
    )


def command_out(command: Command) -> dict[str, Any]:
    """A `Command`, with the session under its old and its new name."""
    ran = command.duration if command.is_finished else None
    return known(
        id=command.id,
        name=command.executable,
        args=command.args,
        cwd=command.cwd if command.cwd.startswith("/") else _absolute(command.cwd),
        sessionId=command.session_id,
        sandboxId=command.session_id,
        startedAt=ms(command.started_at or command.created_at),
        durationMs=None if ran is None else max(0, round(ran * 1000)),
    ) | {"exitCode": exit_code(command)}


def exit_code(command: Command) -> int | None:
    """As a shell tells it: 128 + the signal for a death by signal; None while it runs."""
    if not command.is_finished:
        return None
    if command.cause == Command.Cause.TIMED_OUT:
        return 137  # whatever it made of the TERM that it was given first
    if command.exit_code is not None:
        return command.exit_code
    if command.signal:
        return 128 + command.signal
    # It could not start, or was ended together with its sandbox.
    return 127 if command.cause == Command.Cause.START_FAILED else 137


def vcpus_of(sandbox: Sandbox) -> int:
    """What was asked for, else what the sandbox's memory comes to."""
    asked = sandbox.placement.get("vcpus")
    memory = limits.effective(sandbox)["memory_mb"]
    return int(asked or max(1, memory // MEMORY_PER_VCPU))


def status_of(session: SandboxSession | None) -> str:
    """Ours are a part of the protocol's; a sandbox that never ran counts as stopped."""
    return session.status if session else "stopped"


def _changed_at(session: SandboxSession) -> datetime:
    return session.stopped_at or session.started_at or session.requested_at


def _whole_ms(seconds: int | None) -> int | None:
    return None if seconds is None else seconds * 1000


def _keep_last(rule: dict[str, Any] | None) -> dict[str, Any] | None:
    if not rule:
        return None
    return known(
        count=rule["count"],
        expiration=_whole_ms(rule.get("expiration")),
        deleteEvicted=rule.get("delete_evicted", True),
    )


def _absolute(cwd: str) -> str:
    return f"{WORKSPACE}/{cwd}" if cwd not in ("", ".") else WORKSPACE
