"""An agent that somebody in its sandbox wants to cripple: it goes on, and never spins."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from sandboxes.engine import AgentTimeout, SandboxGone, levels
from sandboxes.engine.agent import door
from sandboxes.engine.agent.bare import socket
from sandboxes.engine.agent.ready import Ready
from tests.fixtures.waiting import until
from tests.sandboxes.engine.boxes import exit_of, read_until

FLOOD = """
import socket, time
held = []
for _ in range(2000):
    one = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    one.setblocking(False)
    try:
        one.connect("\\0vibe-sudo")
    except BlockingIOError:
        break
    held.append(one)
print("full" if len(held) < 2000 else "endless", flush=True)
time.sleep(1000)
"""


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize("limit", ["nofile", "nproc", "as", "data", "fsize", "cpu"])
def test_its_limits_cannot_be_taken(full, start, limit):
    box = start(full)
    ended, _, err = box.run("prlimit", "--pid", "1", f"--{limit}=0:0")
    assert ended.code != 0 and "Operation not permitted" in err
    assert box.shell("echo well") == "well"


@pytest.mark.parametrize(
    "attack", ["prlimit --pid 1 --nofile=0:0", "renice 19 -p 1", "kill -STOP 1"]
)
def test_root_of_the_sandbox_cannot_cripple_it(rooted, attack):
    box = rooted()
    box.run("bash", "-c", attack, sudo=True)
    assert box.shell("echo well") == "well"
    box.files.write_files([("a", b"b", None)])
    assert Path(f"/proc/{box.handle.pid}/stat").read_text().rpartition(")")[2].split()[16] == "0"


def test_programs_change_their_own_limits(full, start):
    box = start(full)
    assert box.shell("prlimit --nofile=64:64 bash -c 'ulimit -n'") == "64"
    other = "sleep 100 >/dev/null 2>&1 & prlimit --pid $! --nofile=65:65 && ulimit -n; kill $!"
    assert box.shell(other).isdigit()
    assert box.shell("echo $(($(nice -n 5 nice) - $(nice)))") == "5"


def test_one_without_descriptors_uses_no_processor(start):
    box = start(levels.of_level("none"))  # where nothing keeps its limits from its commands
    with box.begin("sh", "-c", "prlimit --pid $PPID --nofile=4:4; setsid sleep 1000 &") as command:
        assert exit_of(command).code == 0
    before = cpu_seconds(box.handle.pid)
    for _ in range(3):
        with pytest.raises((AgentTimeout, SandboxGone)):
            box.agent.ping(timeout=0.5)
    assert cpu_seconds(box.handle.pid) - before < 0.3


def test_connections_for_sudo_have_an_end_and_hold_up_nobody_else(rooted):
    box = rooted()
    with box.begin("python3", "-c", FLOOD) as flood:
        assert read_until(flood.stdout, b"\n") == b"full\n"
        before = cpu_seconds(box.handle.pid)
        assert box.shell("sleep 1; echo well") == "well"
        assert cpu_seconds(box.handle.pid) - before < 0.3
        box.agent.end(flood.command, grace=0.0)
        exit_of(flood)
    until(lambda: box.run("timeout", "5", "sudo", "true")[0].code == 0)


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE, errno.ENOMEM])
def test_a_door_that_cannot_open_pauses(monkeypatch, number):
    tries = []

    def refuse(_: socket.socket) -> socket.socket:
        tries.append(1)
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(door, "accept", refuse)
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.bind(("127.0.0.1", 0))
    listener.listen(4)
    client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    client.connect(listener.getsockname())
    ready = Ready()
    entrance = door.Door(listener, ready, welcome=lambda sock: sock.close())
    for _ in range(20):
        ready.serve(0.001)
    assert len(tries) == 1
    entrance.enforce(entrance.next)
    ready.serve(1.0)
    assert len(tries) == 2
    client.close()
    listener.close()
