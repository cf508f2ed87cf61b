"""Valkey, the web process and PostgreSQL die while commands count: the logs are complete."""

from __future__ import annotations

import contextlib
import os
import pwd
import random
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.length import length
from tests.fixtures.platform import Client, Platform

pytestmark = [pytest.mark.sandbox, pytest.mark.battery]

KILLS = length(3, 8)
LINES = length(1000, 2500)
COUNT = (
    "import sys, time\n"
    "for n in range({lines}): sys.stdout.write(f'line {{n}}\\n'); sys.stdout.flush(); "
    "time.sleep(0.008)\n"
)
TRUTH = b"".join(b"line %d\n" % n for n in range(LINES))


def start(program: Client, sandbox: str) -> str:
    body = {"command": "python3", "args": ["-c", COUNT.format(lines=LINES)], "background": True}
    return program("POST", f"sandboxes/{sandbox}/commands", body)["id"]


def finished(program: Client, command: str, seconds: float = 180) -> dict:
    deadline = time.monotonic() + seconds
    while True:
        with contextlib.suppress(AssertionError):  # a server that is away answers 500 or 503
            if (row := program("GET", f"commands/{command}"))["status"] == "finished":
                return row
        assert time.monotonic() < deadline, "it did not end"
        time.sleep(0.3)


def running_sandbox(program: Client) -> str:
    sandbox = program("POST", "sandboxes", {})["id"]
    while program("GET", f"sandboxes/{sandbox}")["status"] != "running":
        time.sleep(0.05)
    return sandbox


@pytest.mark.parametrize("part", ["valkey-server", "daphne"])
def test_a_log_is_exact_after_kills_of(platform: Platform, program: Client, part: str):
    dice = random.Random(part)
    sandbox = running_sandbox(program)
    commands = [start(program, sandbox) for _ in range(5)]
    kills = 0
    end = time.monotonic() + LINES * 0.008
    while kills < KILLS and time.monotonic() < end:
        time.sleep(0.5 + dice.random() * 1.5)
        with contextlib.suppress(ValueError, ProcessLookupError):  # it is being restarted
            os.kill(platform.child(part), signal.SIGKILL)
            kills += 1
    platform.until_ready()
    rows = [finished(program, command) for command in commands]
    exact = sum(program.raw(command) == TRUTH for command in commands)
    print(f"\n{kills} kills of {part}: {exact} of {len(commands)} logs exact")
    assert [row["outcome"] for row in rows] == ["exit 0"] * len(commands)
    assert exact == len(commands)
    assert kills > 1


class PostgreSQL:
    """A cluster of our own on a unix socket."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        self.owner: list[str] = []
        if os.geteuid() == 0:  # the server refuses to run as root
            # Its own user may be missing where its programs are not.
            users = {entry.pw_name: entry for entry in pwd.getpwall()}
            owner = users.get("postgres") or users["nobody"]
            shutil.chown(directory, owner.pw_uid)
            ids = [f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}"]
            self.owner = ["setpriv", *ids, "--clear-groups"]
        self.run("initdb", "-D", "data", "-U", "vibe", "-A", "trust", "--no-sync")
        self.control("start")
        self.run("createdb", "-h", str(directory), "-U", "vibe", "vibe")

    @property
    def url(self) -> str:
        return f"postgres://vibe@{str(self.directory).replace('/', '%2F')}/vibe"

    def control(self, verb: str) -> None:
        options = f"-c listen_addresses='' -c unix_socket_directories='{self.directory}'"
        self.run("pg_ctl", "-D", "data", "-w", "-t", "60", "-s", "-m", "immediate",
                 "-l", "log", *(("-o", options) if verb != "stop" else ()), verb)  # fmt: skip

    def crash(self) -> None:
        """SIGKILL to the server; what it has not flushed is in its write-ahead log."""
        pid = int((self.directory / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + 60
        while True:  # it starts anew only when the last of its processes has gone
            with contextlib.suppress(subprocess.CalledProcessError):
                return self.control("start")
            assert time.monotonic() < deadline, "PostgreSQL did not start again"
            time.sleep(0.2)

    def run(self, name: str, *words: str) -> None:
        command = [*self.owner, str(self.programs / name), *words]
        subprocess.run(command, cwd=self.directory, check=True, stdout=subprocess.DEVNULL)


@pytest.fixture
def postgresql() -> Iterator[PostgreSQL]:
    if not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        pytest.skip("needs PostgreSQL (Debian and Ubuntu: apt install postgresql)")
    directory = Path(tempfile.mkdtemp(prefix="vibe-pg-"))
    server = PostgreSQL(directory)
    yield server
    with contextlib.suppress(subprocess.CalledProcessError):
        server.control("stop")
    shutil.rmtree(directory, ignore_errors=True)


def test_a_log_is_exact_after_kills_of_postgresql(postgresql: PostgreSQL, free_port: int):
    data_dir = Path(tempfile.mkdtemp(prefix="vibe-e2e-"))
    platform = Platform(data_dir, free_port, DATABASE_URL=postgresql.url)
    try:
        platform.wait_for("Vibe is ready")
        program = Client(platform, platform.manage("create_api_key", "program", "--create-user"))
        sandbox = running_sandbox(program)
        commands = [start(program, sandbox) for _ in range(3)]
        for _ in range(3):
            time.sleep(2)
            postgresql.crash()
        rows = [finished(program, command) for command in commands]
        exact = sum(program.raw(command) == TRUTH for command in commands)
        print(f"\n3 kills of PostgreSQL: {exact} of {len(commands)} logs exact")
        assert [row["outcome"] for row in rows] == ["exit 0"] * len(commands)
        assert exact == len(commands)
    finally:
        platform.stop()
        shutil.rmtree(data_dir, ignore_errors=True)
