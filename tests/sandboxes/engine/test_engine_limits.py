"""What a sandbox may use up."""

from __future__ import annotations

import array
import fcntl
import signal
import termios
import time

import pytest

from sandboxes.engine import Limits, limits
from tests.fixtures.waiting import until
from tests.sandboxes.engine.boxes import drain, exit_of

HOG = "x = bytearray(); [x.extend(b'x' * (1 << 20)) for _ in range(%d)]; print(len(x))"


def test_resource_limits_hold_for_every_command(engine, start):
    box = start(engine, limits=Limits(open_files=321, processes=99, file_bytes=1 << 20))
    assert box.shell("ulimit -n; ulimit -u; ulimit -c; ulimit -f") == "321\n99\n0\n1024"


def test_limits_cannot_be_raised(box):
    assert box.run("bash", "-c", "ulimit -n 100000")[0].code != 0


def test_a_process_that_wants_too_much_memory_is_refused_it(engine, start):
    box = start(engine, limits=Limits(memory_bytes=200 << 20))
    ended, _, err = box.run("python3", "-c", HOG % 400)
    assert (ended.code == 1 and "MemoryError" in err) or ended.out_of_memory


def test_node_starts_within_the_usual_limits(isolated):
    if isolated.run("node", "--version")[0].code == 127:
        pytest.skip("no node on this machine")
    assert isolated.run("node", "-e", "console.log(6*7)")[1] == "42\n"


def test_a_sandbox_that_uses_too_much_memory_as_a_whole_says_so(full, start):
    if limits.mode() == "rlimit":
        pytest.skip("no writable control groups on this machine")
    box = start(full, limits=Limits(memory_bytes=150 << 20))
    # Shared memory is no process's data: only the control group sees it.
    script = (
        "import mmap; m = mmap.mmap(-1, 300 << 20); [m.write(bytes(1 << 20)) for _ in range(300)]"
    )
    ended, _, _ = box.run("python3", "-c", script, timeout=30)
    assert (ended.signal, ended.out_of_memory) == (signal.SIGKILL, True)
    assert box.agent.ping()["running"] == 0


def test_a_sandbox_stands_back_behind_the_platform(isolated):
    if limits.mode() == "rlimit":
        assert isolated.shell("nice") == str(limits.NICE)
        return
    found = [directory / name for directory in limits.directories_of(isolated.handle.cgroup)
             for name in ("cpu.shares", "cpu.weight")]  # fmt: skip
    held = [int(file.read_text()) for file in found if file.exists()]
    assert not held or held in ([limits.SHARES], [limits.WEIGHT])


def test_a_sandbox_gets_no_more_processor_time_than_its_share(full, start):
    box = start(full, limits=Limits(cpus=0.2))
    if not any((d / "cpu.cfs_quota_us").exists() or (d / "cpu.max").exists()
               for d in limits.directories_of(box.handle.cgroup)):  # fmt: skip
        pytest.skip("no control group for processor time on this machine")
    script = "import time\nend = time.monotonic() + 2\nwhile time.monotonic() < end: pass"
    ended, _, _ = box.run("python3", "-c", script)
    assert ended.cpu_seconds < 1


def test_every_process_of_a_sandbox_is_in_its_group(isolated):
    if limits.mode() == "rlimit":
        pytest.skip("no writable control groups on this machine")
    with isolated.begin("sleep", "60"):
        from sandboxes.engine.agent.processes import descendants

        below = {isolated.handle.pid, *descendants(isolated.handle.pid)}
        assert len(below) > 1
        name = isolated.handle.cgroup.rpartition("/")[2]
        for directory in limits.directories_of(isolated.handle.cgroup):
            held = set(map(int, (directory / "cgroup.procs").read_text().split()))
            assert below <= held, (name, directory)


def test_a_command_killed_by_hand_did_not_run_out_of_memory(box):
    ended, _, _ = box.run("sh", "-c", "kill -KILL $$")
    assert (ended.signal, ended.out_of_memory) == (signal.SIGKILL, False)


def test_shared_memory_has_its_size(full, start):
    box = start(full, limits=Limits(shm_bytes=1 << 20))
    _, _, err = box.run("dd", "if=/dev/zero", "of=/dev/shm/f", "bs=1M", "count=2")
    assert "No space left" in err


def test_a_file_cannot_outgrow_its_limit(engine, start):
    box = start(engine, limits=Limits(file_bytes=1 << 20))
    box.run("dd", "if=/dev/zero", "of=f", "bs=64K", "count=100")
    assert (box.workspace / "f").stat().st_size == 1 << 20


def test_a_fork_bomb_is_held_and_the_agent_still_answers(full, start):
    box = start(full, limits=Limits(processes=64))
    with box.begin("bash", "-c", ":(){ :|:& };:"):
        until(lambda: _count(box) >= 50)
        for _ in range(20):
            assert _count(box) <= 64 + limits.SPARE_PROCESSES
            began = time.monotonic()
            box.agent.ping()
            assert time.monotonic() - began < 2
        assert box.agent.list_files() == ([], False)
        box.engine.kill(box.handle)
    assert not box.engine.alive(box.handle)


def test_the_sandbox_is_the_first_victim_when_the_host_runs_out_of_memory(isolated):
    assert isolated.shell("cat /proc/self/oom_score_adj") == "1000"
    with open(f"/proc/{isolated.handle.pid}/oom_score_adj") as file:
        assert file.read() == "800\n"


def test_filling_the_file_system_in_memory_does_not_end_the_sandbox(full, start):
    box = start(full, limits=Limits(memory_bytes=128 << 20, shm_bytes=1 << 30))
    box.run("bash", "-c", "head -c 1G /dev/zero > /dev/shm/f")
    assert box.run("true")[0].code == 0


def test_output_without_end_does_not_fill_anything(isolated):
    with isolated.begin("yes") as command:
        # Nobody reads: the writer has to wait as soon as the pipe is full.
        held = fcntl.fcntl(command.stdout, fcntl.F_GETPIPE_SZ)
        until(lambda: _waiting(command.stdout) == held)
        isolated.agent.signal(command.command, signal.SIGKILL)
        assert exit_of(command).signal == signal.SIGKILL
        assert len(drain(command.stdout)) == held


def _waiting(pipe: int) -> int:
    """Bytes that wait in a pipe."""
    found = array.array("i", [0])
    fcntl.ioctl(pipe, termios.FIONREAD, found)
    return found[0]


def _count(box) -> int:
    """Processes of the sandbox, seen from the host."""
    if box.handle.cgroup:
        return len(limits.members(box.handle.cgroup))
    from sandboxes.engine.agent.processes import descendants

    return 1 + len(descendants(box.handle.pid))
