"""What the answers of the protocol hold, for its document. A field that may be missing is never
null; the clients check that."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaMode
from typing_extensions import TypedDict

REFERENCE = "#/components/schemas/{model}"

Status = Literal["pending", "running", "stopping", "stopped", "failed", "aborted", "snapshotting"]
Ms = int


class Route(TypedDict):
    url: str
    subdomain: str
    port: int


class Pagination(TypedDict):
    count: int
    next: str | None


class OldPagination(TypedDict):
    count: int
    next: int | None
    prev: int | None


class Transfer(TypedDict):
    ingress: int
    egress: int


class Session(TypedDict):
    id: str
    memory: int
    vcpus: int
    region: str
    runtime: str
    timeout: Ms
    status: Status
    requestedAt: Ms
    startedAt: NotRequired[Ms]
    stoppedAt: NotRequired[Ms]
    duration: NotRequired[Ms]
    activeCpuDurationMs: NotRequired[Ms]
    networkTransfer: NotRequired[Transfer]
    sourceSnapshotId: NotRequired[str]
    createdAt: Ms
    updatedAt: Ms
    cwd: str
    interactivePort: int
    networkPolicy: dict[str, Any]
    projectId: NotRequired[str]
    sourceSandboxName: str


class Mount(TypedDict):
    drive: str
    mode: Literal["snapshot", "read-write"]


class KeepLast(TypedDict):
    count: int
    expiration: NotRequired[Ms]
    deleteEvicted: bool


class Sandbox(TypedDict):
    name: str
    persistent: bool
    currentSessionId: str
    status: Status
    createdAt: Ms
    updatedAt: Ms
    statusUpdatedAt: Ms
    region: str
    failoverRegions: NotRequired[list[str]]
    networkId: NotRequired[str]
    vcpus: int
    memory: int
    runtime: str
    image: NotRequired[str]
    timeout: Ms
    expiresAt: NotRequired[Ms]
    cwd: str
    totalActiveCpuDurationMs: Ms
    totalDurationMs: Ms
    totalIngressBytes: int
    totalEgressBytes: int
    tags: dict[str, str]
    networkPolicy: dict[str, Any]
    currentSnapshotId: NotRequired[str]
    snapshotExpiration: NotRequired[Ms]
    keepLastSnapshots: NotRequired[KeepLast]
    mounts: NotRequired[dict[str, Mount]]
    projectId: NotRequired[str]


class Command(TypedDict):
    id: str
    name: str
    args: list[str]
    cwd: str
    sessionId: str
    sandboxId: str
    exitCode: int | None
    startedAt: Ms
    durationMs: NotRequired[Ms]


class Snapshot(TypedDict):
    id: str
    sourceSessionId: str
    sourceSandboxId: str
    region: str
    status: Literal["created", "deleted", "failed"]
    sizeBytes: int
    createdAt: Ms
    updatedAt: Ms
    expiresAt: NotRequired[Ms]
    lastUsedAt: Ms
    creationMethod: str
    parentId: NotRequired[str]


class Drive(TypedDict):
    id: str
    name: str
    projectId: str
    region: str
    maxSizeBytes: int
    createdAt: Ms
    updatedAt: Ms
    currentSessionId: NotRequired[str]
    currentSandboxName: NotRequired[str]
    parentDriveId: NotRequired[str]
    rootDriveId: NotRequired[str]


class Node(TypedDict):
    snapshot: Snapshot
    siblings: list[Snapshot]
    count: str


KINDS: dict[str, Any] = {
    kind.__name__: kind
    for kind in (
        Route, Pagination, OldPagination, Transfer, Session, Sandbox, Command, Snapshot, Drive,
        Node,
    )
}  # fmt: skip


def components() -> dict[str, Any]:
    """The kinds as schemas, by name."""
    mode: JsonSchemaMode = "serialization"
    adapters = [(name, mode, TypeAdapter(kind)) for name, kind in KINDS.items()]
    _, found = TypeAdapter.json_schemas(adapters, ref_template=REFERENCE)
    schemas: dict[str, Any] = found["$defs"]
    return schemas


def shown(*statuses: int, **fields: str) -> dict[str, Any]:
    """`openapi_extra` of an operation that answers an object of these fields.

    A field is told as the name of its kind, with `[]` for a list and `?` where it may be missing;
    the plain kinds are `string`, `integer` and `boolean`.
    """
    schema = {
        "type": "object",
        "properties": {name: _field(kind.rstrip("?")) for name, kind in fields.items()},
        "required": [name for name, kind in fields.items() if not kind.endswith("?")],
    }
    content = {"application/json": {"schema": schema}}
    answer = {"description": "OK", "content": content}
    return {"responses": dict.fromkeys(statuses or (200,), answer)}


def bytes_shown() -> dict[str, Any]:
    """`openapi_extra` of an operation that answers a file."""
    content = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    return {"responses": {200: {"description": "The bytes", "content": content}}}


def lines_shown(*, or_command: bool = False) -> dict[str, Any]:
    """`openapi_extra` of an operation that answers records, `or_command` a command alone."""
    content = {"application/x-ndjson": {"schema": {"type": "string"}}}
    if or_command:
        single = shown(command="Command")["responses"][200]["content"]
        content = {**single, **content}
    return {"responses": {200: {"description": "Records, one a line", "content": content}}}


def _field(kind: str) -> dict[str, Any]:
    if kind.endswith("[]"):
        return {"type": "array", "items": _field(kind.removesuffix("[]"))}
    return {"$ref": REFERENCE.format(model=kind)} if kind in KINDS else {"type": kind}
