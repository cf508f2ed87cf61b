"""Real sandboxes for the tests of the engine; every one is ended, also when a test fails."""

from __future__ import annotations

import itertools
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandboxes.engine import Engine, EngineUnavailable, SandboxSpec, levels
from sandboxes.engine.landlock import abi
from sandboxes.engine.spec import FIRST_BASE, RANGE, USER_ID
from tests.sandboxes.engine.boxes import Box

BASES = (FIRST_BASE + number * RANGE for number in itertools.count(65_100 + os.getpid() % 50))


@pytest.fixture
def top() -> Iterator[Path]:
    """A short directory that every user may enter."""
    path = Path(tempfile.mkdtemp(prefix="vibe-"))
    path.chmod(0o711)
    yield path
    # A sandbox may have closed directories that are ours.
    subprocess.run(["chmod", "-R", "u+rwX", str(path)], check=False)
    shutil.rmtree(path)


@pytest.fixture(scope="session")
def full() -> Engine:
    try:
        return levels.choose(allow_unisolated=False, allow_reduced=False)
    except EngineUnavailable as reason:
        pytest.skip(f"no isolation on this machine: {reason}")


@pytest.fixture(params=["full", "none"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each level in turn, for the behaviour that they share."""
    if request.param == "full":
        return request.getfixturevalue("full")
    return levels.of_level("none")


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
        spec = SandboxSpec(name=name, **{**values, **options})
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


@pytest.fixture
def rooted(full: Engine, start: Start) -> Start:
    """rooted(…) -> a sandbox that is root of its own, as start() makes others"""
    if not full.writable:
        pytest.skip(f"no root in sandboxes here: {full.read_only_because}")

    def begin(**options: object) -> Box:
        base = options.setdefault("base", next(BASES))
        return start(full, uid=base + USER_ID, **options)

    return begin


@pytest.fixture(params=["full", "root", "reduced", "none"])
def anywhere(request: pytest.FixtureRequest, start: Start) -> Box:
    """A sandbox of each kind that there is on this machine."""
    if request.param == "root":
        return request.getfixturevalue("rooted")()
    if request.param == "reduced" and (problem := abi.problem()):
        pytest.skip(problem)
    if request.param == "full":
        return start(request.getfixturevalue("full"))
    return start(levels.of_level(request.param), first_port=31_000)
