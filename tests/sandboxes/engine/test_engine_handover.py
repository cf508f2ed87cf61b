"""Commands outlive the process that started them: attach, in-flight pipes, release."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from dataclasses import asdict

import pytest

from sandboxes.engine import RequestRefused
from tests.fixtures.waiting import until
from tests.sandboxes.engine.boxes import drain, exit_of, read_until

HOST = textwrap.dedent(
    """
    import json, os, sys, time
    from sandboxes.engine import ExecSpec, SandboxHandle, levels
    handle = SandboxHandle(**json.loads(sys.argv[1]))
    command = levels.of_level(handle.level).agent(handle).exec(
        ExecSpec("job", ["sh", "-c", sys.argv[2]])
    )
    read, write = command.inflight[0].read, command.inflight[0].write
    os.write(write, b"half a batch")
    print("ready", flush=True)
    time.sleep(600)
    """
)


@pytest.fixture
def dead_host(box):
    """Start a command from another process, and kill that process."""

    def run(script: str) -> None:
        process = subprocess.Popen(
            [sys.executable, "-c", HOST, json.dumps(asdict(box.handle)), script],
            stdout=subprocess.PIPE,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path),
            },
        )
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
        finally:
            process.kill()
            process.wait(10)
            process.stdout.close()

    return run


def test_a_command_goes_on_without_the_process_that_started_it(box, dead_host):
    dead_host("while [ ! -e go ]; do sleep 0.02; done; echo output; exit 4")
    with box.agent.attach("job") as command:
        (box.workspace / "go").touch()
        assert drain(command.stdout) == b"output\n"
        assert exit_of(command).code == 4


def test_output_written_while_nobody_was_there_is_not_lost(box, dead_host):
    dead_host("echo first; echo second >&2; touch done")
    until(lambda: (box.workspace / "done").exists())
    with box.agent.attach("job") as command:
        assert drain(command.stdout) == b"first\n"
        assert drain(command.stderr) == b"second\n"


def test_what_was_in_flight_survives_its_host(box, dead_host):
    dead_host("true")
    with box.agent.attach("job") as command:
        assert os.read(command.inflight[0].read, 100) == b"half a batch"
        with pytest.raises(BlockingIOError):
            os.read(command.inflight[1].read, 100)


def test_an_exit_is_told_again_after_attach(box):
    with box.begin("sh", "-c", "exit 9") as command:
        assert exit_of(command).code == 9
        with box.agent.attach(command.command) as again:
            assert again.pid == command.pid
            assert exit_of(again).code == 9


def test_a_command_does_not_die_of_a_host_that_has_hung_up(box, dead_host):
    dead_host("sleep 0.2; for i in 1 2 3; do echo $i || exit 1; done; touch survived")
    until(lambda: (box.workspace / "survived").exists())


def test_a_released_command_is_forgotten(box):
    with box.begin("true") as command:
        exit_of(command)
        box.agent.release(command.command)
    with pytest.raises(RequestRefused) as refused:
        box.agent.attach(command.command)
    assert refused.value.code == "not_found"
    assert box.agent.commands() == []


def test_after_release_descendants_neither_block_nor_die_of_their_output(box):
    script = "(head -c 2000000 /dev/zero; echo x; touch survived) & exit 0"
    with box.begin("sh", "-c", script) as command:
        exit_of(command)
        box.agent.release(command.command)
    until(lambda: (box.workspace / "survived").exists())


def test_a_running_command_may_be_released_and_still_be_stopped(box):
    with box.begin("sh", "-c", "echo $$ > pid; exec sleep 100") as command:
        until(lambda: (box.workspace / "pid").exists())
        box.agent.release(command.command)
        box.agent.signal(command.command, signal.SIGKILL)
        assert exit_of(command).signal == signal.SIGKILL


def test_two_hosts_may_watch_one_command(box):
    with box.begin("sh", "-c", "echo ready; read x; exit 5 < /dev/null") as first:
        read_until(first.stdout, b"ready")
        with box.agent.attach(first.command) as second:
            assert {exit_of(first).code, exit_of(second).code} == {5}
