"""Hostile code that wants everything: memory, processes, disk, descriptors, output."""

from __future__ import annotations

import fcntl
import os
import signal
import time

import pytest

from sandboxes.engine import Limits, disk, limits
from tests.fixtures.waiting import until
from tests.sandboxes.engine.boxes import exit_of, read_until

MB = 1 << 20


def quick(box) -> float:
    """Seconds that an `echo` takes; it must work."""
    began = time.monotonic()
    assert box.run("echo", "hi")[1] == "hi\n"
    return time.monotonic() - began


@pytest.mark.parametrize("bomb", [":(){ :|:& };:", "while :; do setsid bash -c 'sleep 300' & done"])
def test_a_fork_bomb_is_held(lock_up, bomb):
    box, neighbour = lock_up(limits=Limits(processes=64)), lock_up()
    with box.begin("bash", "-c", bomb):
        until(lambda: (limits.count_processes(box.handle.cgroup) or 64) >= 50)
        assert quick(neighbour) < 10
        count = limits.count_processes(box.handle.cgroup)
        assert count is None or count <= 64 + limits.SPARE_PROCESSES
        assert box.agent.ping()["uptime"] >= 0
        box.engine.kill(box.handle)
    assert not box.engine.alive(box.handle)
    assert not limits.members(box.handle.cgroup)


def test_a_memory_hog_is_ended_and_the_sandbox_lives(lock_up):
    box = lock_up(limits=Limits(memory_bytes=128 * MB))
    hog = "x = []\nwhile True: x.append(bytearray(1 << 20))"
    ended, _, err = box.run("python3", "-c", hog)
    assert ended.out_of_memory or "MemoryError" in err
    assert quick(box) < 10


def test_memory_of_many_small_processes_is_held_together(lock_up):
    if limits.mode() == "rlimit":
        pytest.skip("needs control groups")
    box = lock_up(limits=Limits(memory_bytes=128 * MB))
    script = (
        "for i in 1 2 3 4 5 6; do python3 -c 'import time; x = bytearray(60 << 20); "
        "time.sleep(30)' & done; wait -n; echo one ended"
    )
    with box.begin("bash", "-c", script) as command:
        assert b"one ended" in read_until(command.stdout, b"one ended")
    assert limits.oom_kills(box.handle.cgroup) > 0


def test_the_file_system_in_memory_is_filled_in_vain(lock_up):
    box = lock_up(limits=Limits(shm_bytes=8 * MB))
    _, _, err = box.run("dd", "if=/dev/zero", "of=/dev/shm/f", "bs=1M", "count=64")
    assert "No space left" in err
    assert quick(box) < 10


def test_one_huge_file_is_refused(lock_up):
    box = lock_up(limits=Limits(file_bytes=2 * MB))
    ended, _, _ = box.run("dd", "if=/dev/zero", "of=f", "bs=1M", "count=64")
    assert ended.signal == signal.SIGXFSZ or ended.code != 0
    assert (box.workspace / "f").stat().st_size <= 2 * MB


def test_a_sparse_file_is_no_way_around(lock_up):
    box = lock_up(limits=Limits(file_bytes=2 * MB))
    box.run("truncate", "-s", "1T", "f")
    assert (box.workspace / "f").stat().st_size <= 2 * MB


def test_many_files_are_counted(lock_up):
    box = lock_up()
    box.shell("for i in $(seq 40); do head -c 1M /dev/zero > f$i; done")
    task = disk.DiskTask([box.workspace], box.handle, 1 << 40)
    assert disk.measure([task])[0] >= 40 * MB


def test_empty_files_without_end_are_counted(lock_up):
    box = lock_up()
    script = "import os\nfor i in range(500): os.close(os.open(f'f{i}', os.O_CREAT))"
    box.run("python3", "-c", script)
    task = disk.DiskTask([box.workspace], box.handle, 1 << 40)
    assert disk.measure([task])[0] >= 500 * 4096


def test_descriptors_run_out_for_it_alone(lock_up):
    box = lock_up(limits=Limits(open_files=128))
    script = "import os\nx = []\nwhile True: x.append(os.open('/dev/null', 0))"
    assert "Too many open files" in box.run("python3", "-c", script)[2]
    assert quick(box) < 10


def test_output_without_end_waits_for_its_reader(cell):
    with cell.begin("yes") as command:
        held = fcntl.fcntl(command.stdout, fcntl.F_GETPIPE_SZ)
        read_until(command.stdout, b"y\n")
        assert held <= 1 << 20
        cell.agent.signal(command.command, signal.SIGKILL)
        assert exit_of(command).signal == signal.SIGKILL


def test_any_bytes_come_through(cell):
    script = (
        "import os; os.write(1, bytes(range(256)) * 100 + b'\\x1b[2J\\xff\\xfe no end of line')"
    )
    with cell.begin("python3", "-c", script) as command:
        from tests.sandboxes.engine.boxes import drain

        assert drain(command.stdout).startswith(bytes(range(256)))


def test_processor_time_is_shared(lock_up):
    """Busy loops on every processor do not keep a neighbour waiting."""
    busy, neighbour = lock_up(), lock_up()
    loops = f"for i in $(seq {4 * (os.cpu_count() or 1)}); do (while :; do :; done) & done; wait"
    with busy.begin("bash", "-c", loops):
        times = sorted(quick(neighbour) for _ in range(9))
        assert times[4] < 5
        busy.engine.kill(busy.handle)


def test_the_agent_listens_nowhere_inside(cell):
    """There is no way to its socket from inside; that of sudo serves commands alone."""
    found = cell.shell("find /run /vercel /home /tmp /dev -type s 2>/dev/null").split()
    assert len([path for path in found if path.startswith("/run")]) <= 1
    assert not [path for path in found if cell.spec.name in path]
