"""Sandboxes that a platform's worker keeps waiting, across its death and to its end."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sandboxes.engine import SandboxHandle, limits, processes
from sandboxes.host import isolation
from tests.fixtures.platform import Client, Platform
from tests.fixtures.running import running
from tests.fixtures.waiting import PATIENCE, until

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]


@pytest.fixture(scope="module")
def platform() -> Iterator[Platform]:
    """One that no other file has sandboxes on, and that a test may stop."""
    with running() as started:
        yield started


def waiting(platform: Platform) -> list[SandboxHandle]:
    """Those that wait now, once there are two."""
    database = sqlite3.connect(f"file:{platform.data_dir}/db.sqlite3?mode=ro", uri=True)
    query = "SELECT handle FROM sandboxes_warmsandbox WHERE state = 'ready'"

    def both() -> list[tuple[str]]:
        rows = database.execute(query).fetchall()
        return rows if len(rows) == 2 else []

    with closing(database):
        rows = until(both, "two sandboxes that wait", 2 * PATIENCE)
    return [SandboxHandle(**json.loads(text)) for (text,) in rows]


def is_gone(handle: SandboxHandle) -> bool:
    return not (
        processes.is_same(handle.pid, handle.pid_started, handle.boot_id)
        or Path(handle.socket_path).exists()
        or any(directory.exists() for directory in limits.directories_of(handle.cgroup))
    )


@pytest.fixture(autouse=True, scope="module")
def full_level():
    if isolation.current().level != "full":
        pytest.skip("sandboxes are started ahead at the full level only")


def test_two_wait_and_no_user_sees_them(platform: Platform, program: Client):
    assert len(waiting(platform)) == 2
    assert program("GET", "sandboxes")["items"] == []


def test_the_next_worker_ends_those_of_one_that_was_killed(platform: Platform):
    before = waiting(platform)
    os.kill(platform.child("worker sandboxes"), signal.SIGKILL)
    until(lambda: all(is_gone(handle) for handle in before), str(before), 2 * PATIENCE)
    assert not {one.pid for one in waiting(platform)} & {one.pid for one in before}


def test_none_is_left_when_the_platform_stops(platform: Platform):
    handles = waiting(platform)
    platform.stop()
    assert all(is_gone(handle) for handle in handles)
    assert not list((platform.data_dir / "sandboxes").glob(".warm-*"))
