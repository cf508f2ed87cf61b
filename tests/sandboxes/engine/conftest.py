"""Real sandboxes for the tests of the engine; every one is ended, also when a test fails."""

from __future__ import annotations

import dataclasses
import os
import secrets
import select
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandboxes.engine import (
    AgentClient,
    CommandExit,
    Engine,
    EngineUnavailable,
    ExecSpec,
    Limits,
    RunningCommand,
    SandboxHandle,
    SandboxSpec,
    levels,
)

PATIENCE = 20.0  # seconds; generous, since the machine may be busy


@pytest.fixture
def top() -> Iterator[Path]:
    """A short directory that every user may enter."""
    path = Path(tempfile.mkdtemp(prefix="vibe-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="session")
def full() -> Engine:
    try:
        return levels.choose(allow_unisolated=False)
    except EngineUnavailable as reason:
        pytest.skip(f"no isolation on this machine: {reason}")


@pytest.fixture(params=["full", "none"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each level in turn, for the behaviour that they share."""
    if request.param == "full":
        return request.getfixturevalue("full")
    return levels.of_level("none")


class Box:
    """A started sandbox with the short cuts that tests want."""

    def __init__(self, engine: Engine, handle: SandboxHandle, spec: SandboxSpec) -> None:
        self.engine = engine
        self.handle = handle
        self.spec = spec
        self.agent: AgentClient = engine.agent(handle)

    @property
    def workspace(self) -> Path:
        return self.spec.root / "workspace"

    def begin(self, *argv: str, **options: object) -> RunningCommand:
        name = f"cmd{secrets.token_hex(6)}"
        return self.agent.exec(ExecSpec(name, list(argv), **options))  # type: ignore[arg-type]

    def run(self, *argv: str, **options: object) -> tuple[CommandExit, str, str]:
        """Run to the end of the command and of its output."""
        with self.begin(*argv, **options) as command:
            out, err = drain(command.stdout), drain(command.stderr)
            return wait_exit(command), out.decode("utf-8", "replace"), err.decode()

    def shell(self, script: str, **options: object) -> str:
        ended, out, err = self.run("/bin/bash", "-c", script, **options)
        assert ended.code == 0, (ended, out, err)
        return out.strip()


Start = Callable[..., Box]


@pytest.fixture
def start(top: Path) -> Iterator[Start]:
    """start(engine, timeout=…, limits=…, env=…) -> Box"""
    boxes: list[Box] = []

    def begin(engine: Engine, **options: object) -> Box:
        name = f"t{secrets.token_hex(8)}"
        (top / name).mkdir(mode=0o711)
        values: dict[str, object] = {"root": top / name, "run_dir": top / "run", "timeout": 120.0}
        values["uid"] = 210_000 + len(boxes) if os.geteuid() == 0 else None
        spec = SandboxSpec(name=name, **{**values, **options})  # type: ignore[arg-type]
        box = Box(engine, engine.start(spec), spec)
        boxes.append(box)
        return box

    yield begin
    for box in boxes:
        box.engine.kill(box.handle)


@pytest.fixture
def box(engine: Engine, start: Start) -> Box:
    """A sandbox of each level."""
    return start(engine)


@pytest.fixture
def isolated(full: Engine, start: Start) -> Box:
    """A sandbox of level full."""
    return start(full)


def drain(descriptor: int, patience: float = PATIENCE) -> bytes:
    """Read a non-blocking pipe to its end."""
    data = b""
    deadline = time.monotonic() + patience
    while True:
        ready, _, _ = select.select([descriptor], [], [], max(0, deadline - time.monotonic()))
        assert ready, f"no end of output in time; so far {data[-300:]!r}"
        chunk = os.read(descriptor, 1 << 16)
        if not chunk:
            return data
        data += chunk


def read_until(descriptor: int, marker: bytes, patience: float = PATIENCE) -> bytes:
    """Read a non-blocking pipe until `marker` has come."""
    data = b""
    deadline = time.monotonic() + patience
    while marker not in data:
        ready, _, _ = select.select([descriptor], [], [], max(0, deadline - time.monotonic()))
        assert ready, f"{marker!r} did not come; so far {data[-300:]!r}"
        chunk = os.read(descriptor, 1 << 16)
        assert chunk, f"output ended without {marker!r}: {data[-300:]!r}"
        data += chunk
    return data


def wait_exit(command: RunningCommand, patience: float = PATIENCE) -> CommandExit:
    ready, _, _ = select.select([command.connection], [], [], patience)
    assert ready, "no exit in time"
    ended = command.exit()
    assert ended is not None
    return ended


def wait_for(condition: Callable[[], object], patience: float = PATIENCE) -> object:
    """Poll until the condition is true, and return what it gave."""
    deadline = time.monotonic() + patience
    while True:
        if value := condition():
            return value
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.01)


def small(**changes: int) -> Limits:
    return dataclasses.replace(Limits(), **changes)
