"""Standing still in the kernel's freezer while nobody uses a sandbox, and waking by any use."""

from __future__ import annotations

import socket
import time

import pytest

from sandboxes.engine import levels, sleep, talks_outside
from sandboxes.engine.spec import ExecSpec
from tests.fixtures.waiting import until

SERVER = """
import socket, threading, time
def tick():
    while True:
        open("tick", "w").close()
        time.sleep(0.005)
threading.Thread(target=tick, daemon=True).start()
server = socket.create_server(("127.0.0.1", 3000))
while True:
    client, _ = server.accept()
    client.sendall(b"here")
    client.close()
"""

# Two ends of one connection, both inside.
PAIR = """
import socket, time
server = socket.create_server(("127.0.0.1", 3001))
client = socket.create_connection(("127.0.0.1", 3001))
accepted = server.accept()
time.sleep(60)
"""


@pytest.fixture
def served(isolated):
    """A box in which something listens and ticks."""
    if not sleep.available(isolated.handle.cgroup):
        pytest.skip("no freezer among the control groups here")
    with isolated.begin("python3", "-c", SERVER):
        until(lambda: 3000 in isolated.agent.ports())
        until((isolated.workspace / "tick").exists)
        yield isolated


def ticks(box) -> bool:
    """Whether it goes on."""
    before = (box.workspace / "tick").stat().st_mtime_ns
    deadline = time.monotonic() + 0.3
    while time.monotonic() < deadline:
        if (box.workspace / "tick").stat().st_mtime_ns != before:
            return True
    return False


def test_it_stands_still_until_it_is_woken_and_its_agent_answers(served):
    assert sleep.put(served.handle)
    assert sleep.is_on(served.handle.cgroup)
    assert not ticks(served)
    served.agent.ping()
    assert served.agent.read_file("tick", 10) == b""
    assert not ticks(served)
    assert sleep.wake(served.handle.cgroup)
    assert ticks(served)
    assert not sleep.wake(served.handle.cgroup)


def test_a_connection_wakes_it(served):
    sleep.put(served.handle)
    with served.agent.connect(3000) as client:
        assert client.recv(4, socket.MSG_WAITALL) == b"here"
    assert not sleep.is_on(served.handle.cgroup)


def test_a_command_wakes_it_and_falls_asleep_with_it_the_next_time(served):
    sleep.put(served.handle)
    served.run("true")
    assert ticks(served)
    with served.begin("/bin/sh", "-c", "while :; do date +%N > beat; done"):
        beat = served.workspace / "beat"
        until(beat.exists)
        assert sleep.put(served.handle)
        before = beat.stat().st_mtime_ns
        assert not ticks(served)
        assert beat.stat().st_mtime_ns == before


def test_it_can_be_ended_in_its_sleep(served):
    sleep.put(served.handle)
    engine = levels.of_level(served.handle.level)
    engine.kill(served.handle)
    assert not engine.alive(served.handle)
    assert not any(group.exists() for group in sleep.group_of(served.handle.cgroup))


def test_what_is_connected_to_somebody_outside_is_told(served):
    until(lambda: not talks_outside(served.handle))
    with served.agent.exec(ExecSpec("held", ["python3", "-c", PAIR])):
        until(lambda: 3001 in served.agent.ports())
        assert not talks_outside(served.handle)
        with served.agent.connect(3001):
            assert talks_outside(served.handle)
    served.agent.end("held", 0.1)
