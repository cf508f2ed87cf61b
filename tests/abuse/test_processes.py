"""Hostile code and other processes."""

from __future__ import annotations

import os

import pytest

from tests.fixtures.waiting import until


def test_only_its_own_processes_are_seen(cell):
    pids = [int(pid) for pid in cell.shell("ls /proc | grep -E '^[0-9]+$'").split()]
    assert 1 in pids and len(pids) < 20
    assert f"pytest{os.getpid()}" not in cell.shell("cat /proc/[0-9]*/comm")


def test_a_process_of_the_host_cannot_be_signalled(fails):
    assert "No such process" in fails(f"kill -0 {os.getpid()}") or os.getpid() < 300


@pytest.mark.parametrize("how", ["-KILL 1", "-STOP 1", "-TERM 1", "-SEGV 1", "-KILL -1"])
def test_the_agent_survives_signals(cell, how):
    cell.run("bash", "-c", f"kill {how}")
    assert cell.run("true")[0].code == 0


def test_the_agent_cannot_be_traced(cell, fails):
    script = (
        "import ctypes, sys; libc = ctypes.CDLL(None, use_errno=True); "
        "sys.exit(libc.ptrace(16, 1, 0, 0) != 0)"
    )
    fails(f'python3 -c "{script}"')


@pytest.mark.parametrize("name", ["environ", "mem", "maps", "fd/3", "root/etc", "cwd/x", "ns/net"])
def test_the_agent_cannot_be_looked_into(fails, name):
    fails(f"cat /proc/1/{name}")


def test_a_command_has_three_open_files(cell):
    numbers = cell.shell("ls /proc/self/fd").split()
    assert set(numbers) <= {"0", "1", "2", "3"}  # 3 is the listing's own


@pytest.mark.parametrize(
    "script",
    [
        "nsenter -t 1 -a true",
        "nsenter -t 1 -m true",
        "unshare -U true",
        "unshare -r true",
        "unshare -n true",
        "setpriv --reuid 0 true",
        "python3 -c 'import os; os.setuid(0)'",
        "hostname other",
        "date -s 2001-01-01",
        "renice -n -5 $$",
        "ulimit -Hn 1000000",
        "ulimit -u unlimited",
    ],
)
def test_powers_that_a_user_does_not_have(fails, script):
    fails(script)


def test_a_command_has_no_capability_and_gets_none(cell):
    status = cell.shell("cat /proc/self/status").splitlines()
    wanted = {"NoNewPrivs:\t1", "CapEff:\t" + "0" * 16, "CapPrm:\t" + "0" * 16, "Seccomp:\t2"}
    assert wanted <= set(status)


def test_the_sandbox_never_is_root_of_the_host(cell):
    from pathlib import Path

    uids = next(
        line for line in Path(f"/proc/{cell.handle.pid}/status").read_text().splitlines()
        if line.startswith("Uid:")
    )  # fmt: skip
    assert "0" not in uids.split()[1:]


def test_daemons_end_with_the_sandbox(lock_up):
    box = lock_up()
    stubborn = "trap '' TERM INT HUP; sleep 300"
    box.shell(f'for i in $(seq 20); do (setsid bash -c "{stubborn}" >/dev/null 2>&1 &); done')
    from sandboxes.engine import processes
    from sandboxes.engine.agent.processes import descendants

    until(lambda: len(descendants(box.handle.pid)) >= 20)
    below = descendants(box.handle.pid)
    box.engine.kill(box.handle)
    until(lambda: not [pid for pid in below if processes.started_at(pid)])


def test_it_ends_at_its_time_without_the_one_who_started_it(lock_up):
    box = lock_up(timeout=1.0)
    with box.begin("bash", "-c", "trap '' TERM; setsid sleep 300 & sleep 300"):
        until(lambda: not box.engine.alive(box.handle))
