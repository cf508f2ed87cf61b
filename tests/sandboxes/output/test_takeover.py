"""A worker that dies in the middle: the next one goes on at the byte where it was."""

from __future__ import annotations

import os
import signal

import pytest

from sandboxes.engine import ExecSpec
from sandboxes.host import handles
from sandboxes.models import Command, Sandbox, SandboxSession
from sandboxes.output import replay
from sandboxes.services import commands, creating, lifecycle, readiness, standard_input, terminals
from tests.fixtures.observed import log_size
from tests.fixtures.waiting import until

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]


@pytest.mark.parametrize("sig", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "stopped"])
def test_no_byte_is_lost_or_doubled_when_the_worker_ends(owner, workers, sig):
    first = workers()
    sandbox = readiness.wait_until_running(creating.create_sandbox(owner))
    script = (
        "for i in $(seq 1 4000); do echo line number $i; [ $((i % 20)) = 0 ] && sleep 0.01; done"
    )
    command = commands.run(sandbox, "bash", ["-c", script])
    truth = "".join(f"line number {i}\n" for i in range(1, 4001)).encode()
    for worker in (first, workers, workers):
        process = worker if worker is first else worker()
        before = log_size(command)
        until(lambda before=before: log_size(command) > before or command_ended(command))
        process.send_signal(sig)
        process.wait(20)
    workers()
    command = commands.wait(command, 40)
    assert command.outcome == "exit 0"
    assert b"".join(piece.data for piece in replay.read(command, limit_bytes=10**9)) == truth


def command_ended(command: Command) -> bool:
    command.refresh_from_db()
    return command.is_finished


def test_a_server_lives_through_a_restart_of_the_worker(owner, workers):
    first = workers()
    sandbox = readiness.wait_until_running(creating.create_sandbox(owner))
    command = commands.run(sandbox, "sh", ["-c", "echo up; read x < /dev/zero; sleep 100"])
    until(lambda: log_size(command) == 3)
    command.refresh_from_db()
    first.kill()
    first.wait(5)
    workers()
    handle = handles.handle_of(SandboxSession.objects.get(pk=sandbox.session_id))
    agent = handles.agent_of(handle)
    assert [entry["pid"] for entry in agent.commands()] == [command.pid]
    commands.stop(command)
    assert commands.wait(command, 20).cause == Command.Cause.KILLED


def test_a_terminal_lives_through_the_death_of_its_worker(owner, workers):
    first = workers()
    sandbox = readiness.wait_until_running(creating.create_sandbox(owner))
    terminal = terminals.create(sandbox)
    standard_input.write(terminal.command, b"x=kept; echo before-$((1+1))\n")
    until(lambda: "before-2" in replay.text(terminal.command))
    first.kill()
    first.wait(5)
    # Typed while nobody reads: the shell takes it, and its answer waits.
    standard_input.write(terminal.command, b"echo $x-$((2+2))\n")
    workers()
    until(lambda: "kept-4" in replay.text(terminal.command))
    assert replay.text(terminal.command).count("before-2") == 1


def test_a_command_started_but_not_recorded_is_taken_up(owner, workers):
    """The worker died between the agent's answer and the row."""
    first = workers()
    sandbox = readiness.wait_until_running(creating.create_sandbox(owner))
    first.kill()
    first.wait(5)
    command = commands.run(sandbox, "sh", ["-c", "echo once >> runs; cat runs"])
    handle = handles.handle_of(SandboxSession.objects.get(pk=sandbox.session_id))
    agent = handles.agent_of(handle)
    agent.exec(ExecSpec(command.id, ["sh", "-c", "echo once >> runs; cat runs"])).close()
    workers()
    command = commands.wait(command, 20)
    assert (command.outcome, replay.text(command)) == ("exit 0", "once\n")


def test_a_sandbox_that_died_with_the_worker_is_recorded_as_lost(owner, workers):
    first = workers()
    sandbox = readiness.wait_until_running(creating.create_sandbox(owner))
    command = commands.run(sandbox, "sleep", ["100"])
    until(lambda: Command.objects.filter(pk=command.pk, status="running").exists())
    first.kill()
    first.wait(5)
    os.kill(sandbox.session.handle["pid"], signal.SIGKILL)
    workers()
    assert commands.wait(command, 20).cause == Command.Cause.SANDBOX_STOPPED
    until(lambda: Sandbox.objects.get(pk=sandbox.pk).status == "stopped")
    assert SandboxSession.objects.get(pk=sandbox.session_id).stop_reason == "lost"


def test_requests_made_while_no_worker_ran_are_carried_out(owner, workers):
    from vibe.streams.redis import sync_client

    sandbox = creating.create_sandbox(owner)
    command = commands.run(sandbox, "echo", ["late"])
    sync_client().flushall()  # even when Redis has forgotten them
    workers()
    assert replay.text(commands.wait(command, 20)) == "late\n"


def test_after_a_restart_of_the_machine_states_are_honest_and_what_was_printed_is_there(
    owner, workers
):
    first = workers()
    sandbox = readiness.wait_until_running(creating.create_sandbox(owner))
    script = "echo kept >note; for i in 1 2 3; do echo line $i; done; sleep 1000"
    command = commands.run(sandbox, "bash", ["-c", script], background=True)
    terminal = terminals.create(sandbox)
    until(lambda: log_size(command) == 21 and log_size(terminal.command) > 0)
    first.kill()
    first.wait(10)
    # A machine that starts anew has none of the processes, and another boot id.
    session = SandboxSession.objects.get(pk=sandbox.session_id)
    os.kill(session.handle["pid"], signal.SIGKILL)
    SandboxSession.objects.filter(pk=session.pk).update(
        handle={**session.handle, "boot_id": "the boot before"}
    )
    second = workers()
    for one in (command, terminal.command):
        until(lambda one=one: command_ended(one))
        assert (one.cause, one.exit_code) == ("sandbox_stopped", None)
    session.refresh_from_db()
    assert (session.status, session.stop_reason) == ("stopped", "host_restarted")
    sandbox.refresh_from_db()
    assert sandbox.status == Sandbox.Status.STOPPED
    assert replay.text(command) == "line 1\nline 2\nline 3\n"
    assert command.log_size == 21
    lifecycle.resume(sandbox)
    readiness.wait_until_running(sandbox)
    again = commands.wait(commands.run(sandbox, "cat", ["note"]), 20)
    assert replay.text(again) == "kept\n"
    assert second.poll() is None
