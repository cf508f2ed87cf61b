"""A sandbox of the default back-end for hostile code, with secrets planted around it."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandboxes.engine import Engine, EngineUnavailable, Limits, SandboxSpec, levels
from tests.abuse.canaries import SECRET_NAMES, Canaries
from tests.sandboxes.engine.boxes import Box

FIRST_UID = 215_000


@pytest.fixture(scope="module")
def ground() -> Iterator[Path]:
    """A short directory that every user may enter."""
    path = Path(tempfile.mkdtemp(prefix="vibe-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def canaries(ground: Path) -> Iterator[Canaries]:
    """Planted before the sandboxes of the module start, as if this process were the worker."""
    before = dict(os.environ)
    values = [f"canary-{secrets.token_hex(12)}" for _ in (*SECRET_NAMES, "file")]
    os.environ.update(zip(SECRET_NAMES, values, strict=False))
    file = ground / "secret"
    file.write_text(values[-1])
    file.chmod(0o644)  # no credit to its mode: only isolation keeps it
    with open(file) as opened:
        os.set_inheritable(opened.fileno(), True)
        yield Canaries(values, file)
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="module")
def backend() -> Engine:
    """The default back-end of this machine at its full level."""
    try:
        return levels.choose(allow_unisolated=False, allow_reduced=False)
    except EngineUnavailable as reason:
        pytest.skip(f"no isolation on this machine: {reason}")


Lock = Callable[..., Box]


@pytest.fixture(scope="module")
def lock_up(ground: Path, canaries: Canaries, backend: Engine) -> Iterator[Lock]:
    """lock_up(limits=…, timeout=…) -> a running sandbox"""
    boxes: list[Box] = []

    def begin(**options: object) -> Box:
        name = f"a{secrets.token_hex(8)}"
        (ground / name).mkdir(mode=0o711)
        uid = FIRST_UID + len(boxes) if os.geteuid() == 0 else None
        values: dict[str, object] = {"timeout": 300.0, "limits": Limits(), "uid": uid}
        spec = SandboxSpec(
            name=name,
            root=ground / name,
            run_dir=ground / "run",
            **{**values, **options},
        )
        box = Box(backend, backend.start(spec), spec)
        boxes.append(box)
        return box

    yield begin
    for box in boxes:
        box.engine.kill(box.handle)


@pytest.fixture(scope="module")
def cell(lock_up: Lock) -> Box:
    """The sandbox of the module."""
    return lock_up()


@pytest.fixture
def fails(cell: Box) -> Callable[..., str]:
    """fails(script) -> its error; asserts that the script does not succeed."""

    def run(script: str) -> str:
        ended, out, err = cell.run("bash", "-c", script, timeout=20)
        assert ended.code != 0, f"{script!r} worked: {out}{err}"
        return err

    return run
