"""What becomes of sandboxes when `up` ends and starts again."""

from __future__ import annotations

import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.platform import Client, Platform

pytestmark = pytest.mark.battery
SERVE = {"command": "sleep", "args": ["1000"], "background": True}


@pytest.fixture
def place() -> Iterator[tuple[Path, int]]:
    """A data directory and a port that outlive one `up`."""
    data_dir = Path(tempfile.mkdtemp(prefix="vibe-again-"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    yield data_dir, port
    shutil.rmtree(data_dir, ignore_errors=True)


def lives(platform: Platform, place: tuple[Path, int], **environment: str) -> list[str]:
    """States of the sandbox and of its command: before, and after another `up`."""
    platform.wait_for("Vibe is ready")
    key = platform.manage("create_api_key", "program", "--create-user")
    program = Client(platform, key)
    sandbox = program("POST", "sandboxes", {"name": "box", "wait": 120})
    note = [{"path": "note", "content": "kept"}]
    program("PUT", f"sandboxes/{sandbox['id']}/files", note)
    command = program("POST", f"sandboxes/{sandbox['id']}/commands", SERVE)
    platform.stop()
    again = Platform(*place, **environment)
    try:
        again.wait_for("Vibe is ready")
        program = Client(again, key)
        found = program("GET", f"sandboxes/{sandbox['id']}")
        states = [found["status"], found["session"]["stop_reason"]]
        states.append(program("GET", f"commands/{command['id']}")["status"])
        program("POST", f"sandboxes/{sandbox['id']}/resume", {"wait": 120})
        read = {"command": "cat", "args": ["note"], "wait": 60}
        done = program("POST", f"sandboxes/{sandbox['id']}/commands", read)
        states.append(program.log(done["id"]))
        program("DELETE", f"sandboxes/{sandbox['id']}")
        deadline = time.monotonic() + 60
        while (place[0] / "sandboxes" / sandbox["id"]).exists():  # or it would run on for nobody
            assert time.monotonic() < deadline
            time.sleep(0.1)
    finally:
        again.stop()
    assert list((place[0] / "sandboxes").iterdir()) == []  # those that waited are gone too
    return states


def test_up_ends_its_sandboxes_and_their_files_are_there_the_next_time(place):
    states = lives(Platform(*place), place)
    assert states == ["stopped", "host_restarted", "finished", "kept"]


def test_sandboxes_that_are_to_be_kept_run_on(place):
    keep = {"VIBE_KEEP_SANDBOXES": "1"}
    states = lives(Platform(*place, **keep), place, **keep)
    assert states == ["running", "", "running", "kept"]
