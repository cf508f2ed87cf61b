"""A machine that gives sandboxes no interface: said by the self-test, and so by `doctor`."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from sandboxes.engine import Engine
from sandboxes.engine.link import opening
from sandboxes.engine.link.rtnetlink import Rtnetlink
from sandboxes.engine.selftest import self_test


def test_the_self_test_finds_that_there_is_one(full: Engine, top: Path) -> None:
    assert self_test(full, top) == ""


def test_the_self_test_says_what_it_takes(
    full: Engine, top: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> list[object]:
        raise OSError(errno.EOPNOTSUPP, "Operation not supported")

    # As root it is made in a thread of this process, else by a program.
    monkeypatch.setattr(Rtnetlink, "add_pair", refused)
    monkeypatch.setattr(opening._Helper, "wire", refused)
    problem = self_test(full, top)
    assert "Operation not supported" in problem
    assert "modprobe veth" in problem
