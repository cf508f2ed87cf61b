"""`python3 manage.py up` as a person runs it: a real platform in a subprocess."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.migrated import put_sqlite
from tests.fixtures.platform import ROOT, Platform, command_line
from tests.fixtures.running import running
from tests.fixtures.waiting import PATIENCE, until

pytestmark = pytest.mark.slow


def running_on(data_dir: Path) -> list[str]:
    """Command lines of the processes whose environment or arguments name the data directory."""
    found = []
    for process in Path("/proc").iterdir():
        if not process.name.isdecimal() or int(process.name) == os.getpid():
            continue
        try:
            words = (process / "environ").read_bytes() + (process / "cmdline").read_bytes()
            state = (process / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if os.fsencode(data_dir) in words and state != "Z":
            found.append(command_line(int(process.name)))
    return found


@pytest.fixture
def data_dir() -> Iterator[Path]:
    # Not below pytest's directory: a socket's path may have no more than 107 bytes.
    directory = Path(tempfile.mkdtemp(prefix="vibe-up-"))
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def platform(data_dir: Path, free_port: int) -> Iterator[Platform]:
    put_sqlite(data_dir / "db.sqlite3")
    platform = Platform(data_dir, free_port)
    try:
        yield platform
    finally:
        platform.stop()


@pytest.fixture(scope="module")
def live() -> Iterator[Platform]:
    """One that is ready and stays so for every test that does not end it: a start takes long."""
    with running() as started:
        yield started


def test_up_gets_ready_and_offers_the_sign_in(live: Platform) -> None:
    ready = live.wait_for("Vibe is ready:")
    link = live.wait_for("Sign in:")

    assert ready == f"Vibe is ready: {live.url}/"
    assert re.fullmatch(rf"Sign in: {re.escape(live.url)}/sign-in/\S{{20,}}", link)
    assert live.status(link.partition(str(live.port))[2]) == 200
    assert live.status("/healthz") == 200
    assert live.child("fork_server")
    assert live.child("valkey-server")
    assert live.child("daphne")
    assert live.child("worker sandboxes")
    assert live.child("worker chat")
    until(lambda: len(live.children()) == 5)  # what prepared the start has gone


def test_the_state_of_readiness_names_each_part(live: Platform) -> None:
    with urllib.request.urlopen(f"{live.url}/readyz", timeout=5) as answer:
        state = json.load(answer)

    assert state == {
        "database": True,
        "redis": True,
        "workers": {"sandboxes": True, "chat": True},
    }


@pytest.mark.sandbox
def test_a_stop_ends_the_sandboxes_too(platform: Platform, data_dir: Path) -> None:
    platform.wait_for("Vibe is ready:")
    marker = f"4{os.getpid()}"
    program = (
        "import django; django.setup()\n"
        "from sandboxes.services import commands, creating, readiness\n"
        "from vibe.accounts.models import User\n"
        "owner = User.objects.create(username='alice')\n"
        "sandbox = creating.create_sandbox(owner)\n"
        "readiness.wait_until_running(sandbox, timeout=60)\n"
        f"commands.run(sandbox, 'sleep', ['{marker}'], background=True)\n"
    )
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "vibe.settings",
        "VIBE_DATA_DIR": str(data_dir),
        "DATABASE_URL": "",
    }
    subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, timeout=120, check=True
    )
    until(lambda: sleeping(marker), platform.told, 2 * PATIENCE)

    platform.process.terminate()

    assert platform.process.wait(30) == 0
    assert sleeping(marker) == []
    assert running_on(data_dir) == []


def sleeping(marker: str) -> list[int]:
    """Processes `sleep MARKER`, in whichever sandbox."""
    return [
        int(process.name)
        for process in Path("/proc").iterdir()
        if process.name.isdecimal() and command_line(int(process.name)) == f"sleep {marker}"
    ]


def test_a_second_up_on_the_same_data_is_refused_with_the_address(live: Platform) -> None:
    second = Platform(live.data_dir, live.port + 1)

    assert second.process.wait(60) == 1
    second.reader.join(5)
    assert second.lines[0] == (f"Vibe is already running as pid {live.process.pid} at {live.site}/")


def test_a_taken_port_is_named_and_the_next_is_offered(data_dir: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen(1)
        port = taken.getsockname()[1]

        platform = Platform(data_dir, port)

        assert platform.process.wait(60) == 1
    platform.reader.join(5)
    assert re.fullmatch(
        rf"Port {port} is taken\. Run: python3 manage\.py up --port \d+", platform.lines[0]
    )
    assert running_on(data_dir) == []


def test_every_process_that_is_killed_comes_back(live: Platform) -> None:
    parts = ("valkey-server", "daphne", "worker sandboxes", "worker chat")
    before = {part: live.child(part) for part in parts}

    for pid in before.values():
        os.kill(pid, signal.SIGKILL)

    for name in ("valkey", "web", "sandboxes", "chat"):
        live.wait_for(f"{name:<9} | was ended by SIGKILL; starting it again", 10)
    live.until_ready()
    assert all(live.child(part) != before[part] for part in parts)


def test_the_programs_come_back_when_what_they_were_forked_from_is_killed(live: Platform) -> None:
    live.wait_for("Sign in:")
    parts = ("daphne", "worker sandboxes", "worker chat")
    before = {part: live.child(part) for part in parts}

    os.kill(live.child("fork_server"), signal.SIGKILL)

    until(lambda: not any(command_line(pid) for pid in before.values()))
    live.until_ready()
    assert all(live.child(part) != before[part] for part in parts)
    live.stop()
    assert running_on(live.data_dir) == []


def test_up_starts_again_right_after_it_was_killed_and_leaves_nothing_behind(
    platform: Platform, data_dir: Path
) -> None:
    platform.wait_for("Vibe is ready:")
    platform.process.kill()
    platform.process.wait(5)

    again = Platform(data_dir, platform.port)
    try:
        again.wait_for("Vibe is ready:")
        began = time.monotonic()
        again.process.send_signal(signal.SIGINT)
        assert again.process.wait(30) == 0
        assert time.monotonic() - began < 15
        assert running_on(data_dir) == []
    finally:
        again.stop()


def test_a_process_that_cannot_start_is_named_with_what_it_wrote(
    data_dir: Path, free_port: int
) -> None:
    # A plain file where the server wants its directory for the append-only files.
    (data_dir / "redis").mkdir()
    (data_dir / "redis" / "appendonlydir").write_text("in the way")

    platform = Platform(data_dir, free_port)

    assert platform.process.wait(60) == 1
    platform.reader.join(5)
    text = "\n".join(platform.lines)
    assert "Vibe cannot start: valkey ended with status 1 while starting." in text
    assert "python3 manage.py doctor" in text
    assert running_on(data_dir) == []


def test_a_database_that_does_not_answer_is_named(data_dir: Path, free_port: int) -> None:
    environment = {
        **os.environ,
        "VIBE_DATA_DIR": str(data_dir),
        "VIBE_BOOTSTRAP": "0",
        "DATABASE_URL": "postgres://vibe:secretpassword@127.0.0.1:1/vibe",
    }
    argv = [sys.executable, "manage.py", "up", "--port", str(free_port), "--no-browser"]

    done = subprocess.run(
        argv, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=90, check=False
    )

    assert done.returncode == 1
    assert "The database cannot be used" in done.stderr
    assert "DATABASE_URL" in done.stderr
    assert "secretpassword" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert running_on(data_dir) == []


def test_an_external_redis_that_does_not_answer_is_named(data_dir: Path, free_port: int) -> None:
    environment = {
        **os.environ,
        "VIBE_DATA_DIR": str(data_dir),
        "VIBE_BOOTSTRAP": "0",
        "REDIS_URL": "redis://:secretpassword@127.0.0.1:1/0",
    }
    argv = [sys.executable, "manage.py", "up", "--port", str(free_port), "--no-browser"]

    done = subprocess.run(
        argv, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=90, check=False
    )

    assert done.returncode == 1
    assert "Redis at 127.0.0.1 does not answer" in done.stderr
    assert "secretpassword" not in done.stdout + done.stderr
