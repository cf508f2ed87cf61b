"""Two directories exchange their names, on every file system."""

from __future__ import annotations

import ctypes
import errno
from pathlib import Path
from types import SimpleNamespace

import pytest

from sandboxes.engine.trees import exchanging
from sandboxes.engine.trees.exchanging import exchange_directories


@pytest.fixture(params=["at once", "in steps"])
def two(request, tmp_path: Path, monkeypatch) -> tuple[Path, Path]:
    if request.param == "in steps":

        def renameat2(*_: object) -> int:
            ctypes.set_errno(errno.EINVAL)
            return -1

        monkeypatch.setattr(
            exchanging.ctypes, "CDLL", lambda *_, **__: SimpleNamespace(renameat2=renameat2)
        )
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"of-{name}").touch()
    return tmp_path / "first", tmp_path / "second"


def names(path: Path) -> list[str]:
    return [entry.name for entry in path.iterdir()]


def test_each_is_at_the_place_of_the_other(two):
    first, second = two
    exchange_directories(first, second, aside=first.with_name("aside"))
    assert names(first) == ["of-second"]
    assert names(second) == ["of-first"]
    assert sorted(names(first.parent)) == ["first", "second"]


def test_nothing_moves_when_one_of_them_is_missing(tmp_path):
    (tmp_path / "first").mkdir()
    with pytest.raises(FileNotFoundError):
        exchange_directories(tmp_path / "first", tmp_path / "none", aside=tmp_path / "aside")
    assert names(tmp_path) == ["first"]
