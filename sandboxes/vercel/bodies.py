"""Request bodies of the protocol. Keys that we do not know are ignored, as clients rely on."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from sandboxes.services import sources
from vibe.api.fields import Environment, JsonObject, Port, Text

MEMORY_PER_VCPU = 2048
MAX_VCPUS = 32
REGIONS = frozenset(
    (
        "arn1", "bom1", "cdg1", "cle1", "cpt1", "dub1", "fra1", "gru1", "hkg1", "hnd1",
        "iad1", "icn1", "kix1", "lhr1", "pdx1", "sfo1", "sin1", "syd1", "yul1",
    )
)  # fmt: skip
LONGEST = 30 * 86_400_000


def _region(name: str) -> str:
    if name not in REGIONS:
        raise ValueError(f"{name!r} is not a region; use one of {', '.join(sorted(REGIONS))}")
    return name


Region = Annotated[Text, AfterValidator(_region)]
Name = Annotated[Text, Field(min_length=1, max_length=128, pattern=r"^[a-zA-Z0-9_-]+$")]
Milliseconds = Annotated[int, Field(ge=1, le=LONGEST)]
FilePath = Annotated[Text, Field(min_length=1, max_length=4096)]


def seconds(milliseconds: int) -> int:
    """Whole seconds that are no shorter."""
    return math.ceil(milliseconds / 1000)


class Body(JsonObject):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class Resources(Body):
    vcpus: int | None = Field(None, ge=1, le=MAX_VCPUS)
    memory: int | None = None

    @model_validator(mode="after")
    def fit(self) -> Resources:
        if self.vcpus is None and self.memory is not None:
            self.vcpus = max(1, self.memory // MEMORY_PER_VCPU)
        if self.vcpus is not None and self.vcpus != 1 and self.vcpus % 2:
            raise ValueError("vcpus must be 1 or an even number")
        if self.vcpus and self.memory not in (None, self.vcpus * MEMORY_PER_VCPU):
            raise ValueError(f"memory must be {MEMORY_PER_VCPU} MB for each vcpu")
        return self


class KeepLast(Body):
    count: int = Field(ge=1, le=100)
    expiration: int | None = Field(None, ge=0)
    delete_evicted: bool = True

    def rule(self) -> dict[str, Any]:
        """As services.retention takes it."""
        rule: dict[str, Any] = {"count": self.count, "delete_evicted": self.delete_evicted}
        if self.expiration is not None:
            rule["expiration"] = seconds(self.expiration)
        return rule


class Mount(Body):
    drive: Name
    mode: Literal["snapshot", "read-write"] = "read-write"


class Source(Body):
    type: Literal["git", "tarball", "snapshot"]
    url: Text = Field("", max_length=4096)
    depth: int | None = Field(None, ge=1)
    revision: Text = Field("", max_length=255)
    username: Text = Field("", max_length=255)
    password: Text = Field("", max_length=4096)
    snapshot_id: Text = Field("", max_length=64)

    @model_validator(mode="after")
    def complete(self) -> Source:
        if not (self.snapshot_id if self.type == "snapshot" else self.url):
            raise ValueError("a snapshot needs its snapshotId, the other sources their url")
        return self

    def fetched(self) -> sources.Source:
        """What is to be fetched, of git and tarball."""
        return sources.Source(
            self.type, self.url, self.depth or 0, self.revision, self.username, self.password
        )


class Settings(Body):
    """What create, fork and PATCH have in common; None means that it was not given."""

    ports: list[Port] | None = Field(None, max_length=15)
    timeout: Milliseconds | None = None
    resources: Resources | None = None
    persistent: bool | None = None
    network_policy: dict[str, Any] | None = None
    network_id: Text | None = Field(None, max_length=128)
    env: Environment | None = None
    tags: dict[Text, Text] | None = None
    snapshot_expiration: int | None = Field(None, ge=0, le=10 * 366 * 86_400_000)
    keep_last_snapshots: KeepLast | None = None
    mounts: dict[FilePath, Mount] | None = None
    region: Region | None = None
    failover_regions: list[Region] | None = None

    @model_validator(mode="after")
    def elsewhere(self) -> Settings:
        if self.region and self.region in (self.failover_regions or ()):
            raise ValueError("failoverRegions must not contain the region itself")
        return self


class Create(Settings):
    project_id: Text = Field("", max_length=128)
    name: Name | None = None
    source: Source | None = None
    runtime: Text | None = Field(None, max_length=32)
    image: Text | None = Field(None, max_length=200)


class Fork(Settings):
    name: Name | None = None
    image: Text | None = Field(None, max_length=200)


class Patch(Settings):
    current_snapshot_id: Text | None = Field(None, max_length=64)


class Extend(Body):
    duration: int = Field(ge=1000, le=LONGEST)


class Run(Body):
    command: Text = Field(min_length=1, max_length=4096)
    args: list[Text] = Field([], max_length=8192)
    cwd: Text | None = Field(None, max_length=4096)
    env: Environment | None = None
    sudo: bool = False
    wait: bool = False
    logs: bool = False
    timeout: Milliseconds | None = None
    attach_stdin: bool = False


class Kill(Body):
    signal: int = Field(ge=1, le=31)


class MakeDirectory(Body):
    path: FilePath
    cwd: Text | None = Field(None, max_length=4096)
    recursive: bool = True


class ReadFile(Body):
    path: FilePath
    cwd: Text | None = Field(None, max_length=4096)


class MakeDrive(Body):
    project_id: Text = Field("", max_length=128)
    region: Region | None = None
    max_size_bytes: int | None = Field(None, ge=1, le=2**50)


class ForkDrive(Body):
    name: Name


class MakeSnapshot(Body):
    expiration: int | None = Field(None, ge=0, le=10 * 366 * 86_400_000)


class Input(Body):
    data: str = Field("", max_length=2 * 1024 * 1024)
    offset: int | None = Field(None, ge=0)
    close: bool = False
