"""Sandboxes by the hundred, created, used and deleted: nothing of them is left on the machine."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.fixtures.length import length
from tests.fixtures.platform import Client, Platform
from tests.fixtures.running import running

pytestmark = [pytest.mark.battery, pytest.mark.alone]

SANDBOXES = length(24, 200)
AT_ONCE = 8
USE = (
    "echo hello > note; mkdir -p a/b; ln -s / a/root; mkfifo a/pipe; (setsid sleep 1000 &)"
    "; (python3 -m http.server 3000 >/dev/null 2>&1 &); sleep 0.05; echo used"
)


@pytest.fixture
def platform() -> Iterator[Platform]:
    with running(
        VIBE_SANDBOXES_PER_USER="50", VIBE_SNAPSHOTS_PER_USER="1000",
        VIBE_SANDBOXES_KEPT_PER_USER="0", VIBE_API_RATE="0",
    ) as started:  # fmt: skip
        yield started


def live(program: Client, number: int) -> None:
    sandbox = program("POST", "sandboxes", {"name": f"life-{number}", "wait": 120})
    assert sandbox["status"] == "running", sandbox
    url = f"sandboxes/{sandbox['id']}"
    body = {"command": "sh", "args": ["-c", USE], "wait": 120}
    used = program("POST", f"{url}/commands", body)
    assert program.log(used["id"]).endswith("used\n")
    if number % 4 == 0:
        snapshot = program("POST", f"{url}/snapshots", {"wait": 120})
        assert snapshot["status"] == "created", snapshot
        program("POST", f"{url}/restore", {"snapshot": snapshot["id"], "wait": 120})
        program("DELETE", f"snapshots/{snapshot['id']}")
    if number % 5 == 0:
        program("POST", f"{url}/stop")
        program("POST", f"{url}/resume", {"wait": 120})
    program("DELETE", url)


def handles(data_dir: Path, table: str = "sandboxsession") -> list[dict]:
    with sqlite3.connect(f"file:{data_dir}/db.sqlite3?mode=ro", uri=True) as database:
        rows = database.execute(f"SELECT handle FROM sandboxes_{table}").fetchall()
    return [found for (text,) in rows if (found := json.loads(text))]


def processes(found: list[dict]) -> list[int]:
    """Pids that belong to one of the sandboxes, by its first process or by its group."""
    groups = {Path(handle["cgroup"].partition(":")[2]).name for handle in found} - {""}
    first = {(handle["pid"], handle["pid_started"]) for handle in found}
    left = []
    for path in Path("/proc").iterdir():
        if not path.name.isdigit():
            continue
        try:
            fields = (path / "stat").read_bytes().rpartition(b")")[2].split()
            names = {line.rpartition("/")[2] for line in (path / "cgroup").read_text().split()}
        except OSError:
            continue
        if (int(path.name), int(fields[19])) in first or names & groups:
            left.append(int(path.name))
    return left


def groups_left(found: list[dict]) -> list[Path]:
    names = {Path(handle["cgroup"].partition(":")[2]).name for handle in found} - {""}
    left = []
    for top, directories, _ in os.walk("/sys/fs/cgroup"):
        left += [Path(top, name) for name in directories if name in names]
    return left


def mounts(data_dir: Path, pids: list[int]) -> list[str]:
    lines: list[str] = []
    for pid in pids:
        lines += Path(f"/proc/{pid}/mountinfo").read_text().splitlines()
    return [line for line in lines if str(data_dir) in line or "vibe-" in line.split()[4]]


def is_waiting(name: str) -> bool:
    """Whether that is the name of a sandbox that was started ahead, and is nobody's yet."""
    return name.startswith((".warm-", "warm"))


def owned_by_others(top: Path) -> list[str]:
    found = []
    for directory, names, files in os.walk(top):
        names[:] = [name for name in names if not is_waiting(name)]
        for name in (*names, *files):
            path = os.path.join(directory, name)
            if os.lstat(path).st_uid != os.geteuid():
                found.append(path)
    return found


def test_nothing_is_left_of_many_sandboxes(platform: Platform, capsys):
    program = Client(platform, platform.manage("create_api_key", "program", "--create-user"))

    def live_at_once(first: int, count: int) -> None:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda number: live(program, number), range(first, first + count)))

    # What is made once for all is made now, a database connection for each thread among it.
    live_at_once(1, 2 * AT_ONCE)
    worker = platform.child("worker sandboxes")

    def descriptors() -> int:
        return len(os.listdir(f"/proc/{worker}/fd"))

    def threads() -> int:
        return len(os.listdir(f"/proc/{worker}/task"))

    def memory() -> int:
        pages = Path(f"/proc/{worker}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGESIZE") >> 20

    before = descriptors(), threads(), memory()
    began = time.monotonic()
    live_at_once(2 * AT_ONCE + 1, SANDBOXES)
    seconds = time.monotonic() - began

    found = handles(platform.data_dir)
    run, boxes = platform.data_dir / "run", platform.data_dir / "sandboxes"
    store = platform.data_dir / "snapshots"

    def sockets() -> list[str]:
        names = [path.name for path in run.glob("*.sock") if path.name != "redis.sock"]
        return [name for name in names if not is_waiting(name)]

    left = {}
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        left = {
            "processes": processes(found),
            "cgroups": groups_left(found),
            "sockets": sockets(),
            "mounts": mounts(platform.data_dir, [os.getpid(), *platform.children()]),
            "directories": [
                p.name
                for top in (boxes, store)
                if top.is_dir()
                for p in top.iterdir()
                if not is_waiting(p.name)
            ],
            "files of others": owned_by_others(platform.data_dir),
        }
        if not any(left.values()):
            break
        time.sleep(0.5)
    after = descriptors(), threads(), memory()
    with capsys.disabled():
        print(f"\n{SANDBOXES} sandboxes, {len(found)} sessions in {seconds:.0f} s")
        print("left:", {name: len(things) for name, things in left.items()})
        print("worker: descriptors, threads, MB before", before, "after", after)
    assert len(found) > SANDBOXES
    assert not any(left.values()), left
    assert after[0] <= before[0] + 20
    waiting = handles(platform.data_dir, "warmsandbox")
    platform.stop()  # and with it go those that nobody has asked for
    assert not list(boxes.iterdir())
    assert not groups_left(waiting)
    deadline = time.monotonic() + 30
    while processes(waiting):  # ended, until the machine's first process has collected them
        assert time.monotonic() < deadline
        time.sleep(0.1)
