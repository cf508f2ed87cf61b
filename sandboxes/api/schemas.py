"""What the API says about sandboxes and commands."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from ninja import Schema
from pydantic import Field

from sandboxes.engine.egress.response_form import read_back
from sandboxes.models import Command, Sandbox
from sandboxes.services import activity, limits, network, snapshots
from vibe.api.fields import JsonObject, Text

MOST = 2**31

SandboxStatus = Literal["pending", "running", "stopped", "failed"]
SessionStatus = Literal["pending", "running", "stopping", "stopped", "failed"]
SnapshotStatus = Literal["creating", "created", "failed", "deleted"]
CommandStatus = Literal["queued", "running", "finished"]
Cause = Literal[
    "",
    "exited",
    "signalled",
    "timed_out",
    "out_of_memory",
    "disk_full",
    "process_limit",
    "output_limit",
    "file_too_large",
    "killed",
    "worker_lost",
    "sandbox_stopped",
    "start_failed",
]


class Mount(JsonObject):
    drive: Text = Field(max_length=128, description="Name or id.", examples=["data"])
    mode: Literal["read-write", "snapshot"] = Field(
        "read-write", description="To write, one sandbox at a time; or a read-only copy."
    )


class SessionOut(Schema):
    """One run of a sandbox."""

    id: str = Field(examples=["sbx_4k2v9q0a7c1m5x8z3b6n"])
    status: SessionStatus
    stop_reason: str = Field(description="Why it ended; empty while it lives.", examples=["user"])
    isolation: str = Field(description="full, reduced, none; empty until it runs.")
    error: str = Field(description="Why it could not start.", examples=[""])
    requested_at: datetime
    started_at: datetime | None
    expires_at: datetime | None
    stopped_at: datetime | None


class LimitsIn(JsonObject):
    """What a sandbox may use; what is left out keeps its default."""

    memory_mb: int | None = Field(None, ge=0, le=MOST, description="Memory, in MB.")
    processes: int | None = Field(None, ge=0, le=MOST, description="Processes and threads.")
    cpus: float | None = Field(None, ge=0, le=4096, description="Processors; 0: a fair share.")
    disk_mb: int | None = Field(None, ge=0, le=MOST, description="Files in all, in MB.")
    file_mb: int | None = Field(None, ge=0, le=MOST, description="One file, in MB.")
    open_files: int | None = Field(None, ge=0, le=MOST, description="Open files per process.")
    output_mb: int | None = Field(
        None, ge=0, le=MOST, description="Output after which a command is ended; 0: never."
    )


class LimitsOut(Schema):
    """What holds: the sandbox's own limits, else the platform's; 0: a fair share, or no end."""

    memory_mb: float = Field(examples=[2048])
    processes: float = Field(examples=[512])
    cpus: float = Field(examples=[0])
    disk_mb: float = Field(examples=[4096])
    file_mb: float = Field(examples=[512])
    open_files: float = Field(examples=[4096])
    output_mb: float = Field(examples=[4096])


class SnapshotOut(Schema):
    """The files of a sandbox as they were; it outlives the sandbox."""

    id: str = Field(examples=["snap_4k2v9q0a7c1m5x8z3b6n"])
    name: str = Field(examples=["before the upgrade"])
    status: SnapshotStatus
    sandbox_id: str | None
    session_id: str | None
    parent_id: str | None = Field(description="The snapshot that the sandbox had before.")
    method: Literal["manual", "stop", "fork"] = Field(description="Why it was made.")
    size_bytes: int = Field(description="On the disk; grows while it is made.", examples=[1048576])
    file_count: int = Field(examples=[120])
    error: str = Field(description="Why it could not be made.", examples=[""])
    created_at: datetime
    finished_at: datetime | None
    last_used_at: datetime | None = Field(description="When a sandbox last started from it.")
    expires_at: datetime | None = Field(description="When it is deleted; null: never.")
    deleted_at: datetime | None


class KeepLast(JsonObject):
    """Which snapshots of a sandbox stay when a new one is made."""

    count: int = Field(ge=1, le=100, examples=[5])
    expiration: int | None = Field(
        None, ge=0, le=MOST, description="Seconds that each of them is kept; 0: for good."
    )
    delete_evicted: bool = Field(True, description="False: older ones go when they expire.")


class SandboxOut(Schema):
    id: str = Field(examples=["8x2m0qk4v7c1a9z5b3n6"])
    name: str = Field(examples=["todo-app"])
    status: SandboxStatus
    ports: list[int] = Field(examples=[[3000]])
    timeout: int = Field(description="Seconds that a session lives.", examples=[2700])
    tags: dict[str, str]
    limits: LimitsOut
    expires_at: datetime | None = Field(description="When the current session ends.")
    idle_timeout: int = Field(
        description="Seconds without activity after which it stops; 0: never.", examples=[1800]
    )
    asleep_since: datetime | None = Field(
        description="Since when its processes stand still, as nobody uses it; any use wakes it."
    )
    mounts: dict[str, Mount] = Field(description="Drives by path, of sessions to come.")
    current_snapshot_id: str | None = Field(description="What its files were last saved as.")
    snapshot_expiration: int = Field(
        description="Seconds that its snapshots are kept; 0: for good.", examples=[2592000]
    )
    keep_last_snapshots: KeepLast | None = Field(description="null: all are kept.")
    network_policy: dict[str, Any] = Field(
        description="What it reaches; values of headers are never shown.",
        examples=[{"mode": "registries"}],
    )
    session: SessionOut | None = Field(description="The latest run.")
    created_at: datetime
    updated_at: datetime

    @staticmethod
    def resolve_network_policy(sandbox: Sandbox) -> dict[str, Any]:
        return read_back(network.policy_of(sandbox))

    @staticmethod
    def resolve_expires_at(sandbox: Sandbox) -> datetime | None:
        return sandbox.expires_at

    @staticmethod
    def resolve_asleep_since(sandbox: Sandbox) -> datetime | None:
        return sandbox.session.asleep_since if sandbox.session else None

    @staticmethod
    def resolve_idle_timeout(sandbox: Sandbox) -> int:
        return activity.idle_timeout(sandbox)

    @staticmethod
    def resolve_snapshot_expiration(sandbox: Sandbox) -> int:
        return snapshots.expiration_of(sandbox)

    @staticmethod
    def resolve_limits(sandbox: Sandbox) -> dict[str, float]:
        return limits.effective(sandbox)


class RefusedHostOut(Schema):
    host: str = Field(examples=["git.example.com"])
    port: int = Field(examples=[443])
    reason: str = Field(examples=["not in the policy"])
    at: datetime = Field(description="When it was refused, to a minute.")


class CommandOut(Schema):
    id: str = Field(examples=["cmd_1c7m4x9z0b3n6k2v8q5a"])
    sandbox_id: str
    session_id: str
    line: str = Field(description="As one would type it.", examples=["npm install express"])
    command: str = Field(examples=["npm"])
    args: list[str] = Field(examples=[["install", "express"]])
    cwd: str = Field(examples=["/vercel/sandbox"])
    background: bool
    sudo: bool = Field(description="Whether it runs as root of the sandbox.")
    stdin: bool = Field(description="Whether it reads what is written to it.")
    timeout: float = Field(description="Seconds; 0 means no limit.")
    status: CommandStatus
    cause: Cause = Field(description="How it ended; empty while it has not.", examples=["exited"])
    exit_code: int | None = Field(examples=[0])
    signal: int | None = Field(description="Number of the signal that ended it.")
    outcome: str = Field(description="The same in words.", examples=["exit 0"])
    error: str = Field(description="Why it could not start.", examples=[""])
    refused_hosts: list[RefusedHostOut] = Field(
        description="What the network policy refused while it ran; POST network-policy/hosts "
        "allows a host."
    )
    left_processes: int = Field(
        description="Processes that it left running when it ended by itself, those that still run."
    )
    log_size: int = Field(description="Bytes of output so far; both streams.")
    line_count: int
    dropped_bytes: int = Field(description="Bytes that the log's limit cut out of the middle.")
    log_removed_at: datetime | None = Field(
        description="When its output was removed; usually never."
    )
    duration: float | None = Field(description="Seconds.", examples=[3.2])
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @staticmethod
    def resolve_command(command: Command) -> str:
        return command.executable

    @staticmethod
    def resolve_refused_hosts(command: Command) -> list[dict[str, Any]]:
        return command.refused


class FileOut(Schema):
    path: str = Field(description="Below the listed directory.", examples=["src/index.js"])
    kind: str = Field(description="file, dir, link or other.", examples=["file"])
    size: int = Field(description="Bytes.")
    mtime: float = Field(description="Seconds since 1970.")
    mode: int = Field(description="Permission bits.", examples=[420])


class FilesOut(Schema):
    path: str
    items: list[FileOut]
    truncated: bool = Field(description="True when there are more than the answer holds.")
