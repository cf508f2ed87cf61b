"""A data directory of an older commit is opened as it is: no step between the two."""

from __future__ import annotations

import os
import shutil
import socket
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.platform import Client, Platform
from tests.fixtures.waiting import until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.sandbox,
    pytest.mark.skipif(os.geteuid() != 0, reason="its files have owners that only root can give"),
]
FAILED_JOBS = (
    "from rq.job import Job; from vibe.jobs.queue import queue; from django.conf import settings\n"
    "print(queue(settings.SANDBOX_QUEUE).failed_job_registry.get_job_ids())"
)


@pytest.fixture(scope="module")
def opened() -> Iterator[Platform]:
    """Today's platform on what `make.py` has made."""
    directory = Path(tempfile.mkdtemp(prefix="vibe-e2e-"))
    with tarfile.open(Path(__file__).with_name("data-2e84bf7.tar.xz")) as archive:
        # Of our own making, and with the owners that it has; not every Python 3.11 has `filter`.
        archive.extraction_filter = staticmethod(lambda member, _: member)
        archive.extractall(directory)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    platform = Platform(directory, port)
    try:
        platform.wait_for("Vibe is ready")
        yield platform
    finally:
        platform.stop()
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="module")
def api(opened: Platform) -> Client:
    """With the key that was made then."""
    return Client(opened, (opened.data_dir / "key").read_text())


def commands(api: Client) -> list[dict[str, Any]]:
    """Of the sandbox, oldest first."""
    return list(reversed(api("GET", "sandboxes/kept/commands")["items"]))


def test_jobs_that_were_asked_for_then_are_done(opened: Platform, api: Client) -> None:

    def last() -> dict[str, Any] | None:
        command = commands(api)[-1]
        return command if command["status"] == "finished" else None

    late = until(last, "the end of the command that was asked for")
    assert late is not None
    assert (late["outcome"], api.log(late["id"])) == ("exit 0", "remembered\nlate\n")
    assert opened.manage("shell", "-c", FAILED_JOBS).splitlines()[-1] == "[]"


def test_a_log_of_then_is_read(api: Client) -> None:
    first = commands(api)[0]
    assert (first["outcome"], sorted(api.log(first["id"]).split())) == ("exit 0", ["one", "two"])


def test_a_snapshot_of_then_starts_a_sandbox(api: Client) -> None:
    (snapshot,) = api("GET", "snapshots")["items"]
    made = api("POST", "sandboxes", {"snapshot": snapshot["id"], "wait": 25})
    command = {"command": "cat", "args": ["note"], "wait": 25}
    done = api("POST", f"sandboxes/{made['id']}/commands", command)
    assert api.log(done["id"]) == "remembered\n"


def test_a_conversation_of_then_is_told(api: Client) -> None:
    (listed,) = api("GET", "conversations")["items"]
    told = api("GET", f"conversations/{listed['id']}")
    assert [message["role"] for message in told["messages"]] == ["user", "assistant"]
    turn = api("POST", f"conversations/{listed['id']}/turns", {"message": "run `cat note`"})
    assert turn["status"] == "queued"
