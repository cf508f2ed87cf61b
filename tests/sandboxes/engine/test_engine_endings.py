"""Ends of what does not end, and of what cannot be looked at, without any sandbox."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
from collections.abc import Iterator

import pytest

from sandboxes.engine.agent import ending, owners, processes
from sandboxes.engine.agent.ending import Ending
from tests.fixtures.waiting import until

NOBODY = 1 << 22  # no kernel gives a process this number


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "1000"]) as process:
        yield process
        process.kill()


def test_what_cannot_be_killed_is_given_up_in_time_and_counted():
    one = Ending(lambda: [NOBODY], 0.0, hang_up=False)
    at = one.next
    assert one.look(at) is False
    while not one.look(one.next):
        assert one.next < at + ending.KILL_SECONDS + 1
    assert one.left == 1
    assert one.next >= at + ending.KILL_SECONDS


def test_the_grace_is_kept_and_nobody_waits_longer_than_asked_for():
    deaf = "trap '' TERM; echo up; exec sleep 1000"
    with subprocess.Popen(["sh", "-c", deaf], stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"up\n"
        one = Ending(lambda: [process.pid] if process.poll() is None else [], 100.0, hang_up=False)
        assert one.look(one.next + 50) is False and process.poll() is None
        one.no_later_than(0.0)
        one.look(one.next)
        assert process.wait(10) == -signal.SIGKILL
        assert one.look(one.next) is True


def test_an_agent_that_cannot_look_does_not_believe_that_nothing_is_left(monkeypatch):
    def exhausted(*_: object) -> int:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(processes.os, "open", exhausted)
    for look in (processes.look, owners.mark_of):
        with pytest.raises(OSError, match="Too many open files"):
            look(os.getpid())


def test_children_are_found_where_the_kernel_keeps_no_list_of_them(monkeypatch, sleeper):
    assert sleeper.pid in processes.own_children()
    monkeypatch.setattr(processes, "CHILDREN", "/proc/no-such-list")
    assert sleeper.pid in processes.own_children()


def test_a_mark_is_found_from_outside_and_cannot_be_raised(sleeper):
    assert owners.mark_of(os.getpid()) == owners.mark_of(NOBODY) == -1
    mark = NOBODY * owners.EACH + 5
    script = f"import resource, time; resource.setrlimit({owners.MARK}, ({mark}, {mark}));"
    script += "print('up', flush=True); time.sleep(1000)"
    with subprocess.Popen(["python3", "-c", script], stdout=subprocess.PIPE) as marked:
        assert marked.stdout.readline() == b"up\n"
        assert owners.mark_of(marked.pid) == mark
        assert owners.of_agent(NOBODY) == [marked.pid]
        marked.kill()
        until(lambda: owners.of_agent(NOBODY) == [])
