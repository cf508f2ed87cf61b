"""Commands end to end: service → job → worker → engine → rows."""

from __future__ import annotations

import signal

import pytest

from sandboxes.models import Command
from sandboxes.output import replay
from sandboxes.services import commands, creating, lifecycle
from tests.fixtures.observed import until_output
from vibe.refusal import Refusal

pytestmark = pytest.mark.sandbox


# The first sandbox of a process prepares what all of them use; on a busy machine, 20 s and more.
PATIENCE = 60


def finish(sandbox, executable, *args, **options) -> Command:
    command = commands.wait(commands.run(sandbox, executable, args, **options), PATIENCE)
    assert command.is_finished
    return command


def test_it_works(sandbox):
    command = finish(sandbox, "echo", "hello")
    assert (command.outcome, command.succeeded) == ("exit 0", True)
    assert replay.text(command) == "hello\n"


def test_an_exit_code_is_kept(sandbox):
    command = finish(sandbox, "sh", "-c", "exit 7")
    assert (command.cause, command.exit_code) == (Command.Cause.EXITED, 7)


def test_stdout_and_stderr_are_told_apart(sandbox):
    command = finish(sandbox, "sh", "-c", "echo out; echo err >&2")
    by_stream = {piece.stream: piece.data for piece in replay.read(command)}
    assert by_stream == {1: b"out\n", 2: b"err\n"}


def test_stdin_is_closed(sandbox):
    assert replay.text(finish(sandbox, "sh", "-c", "wc -c")).strip() == "0"


def test_a_signal_is_the_cause_of_an_end(sandbox):
    command = finish(sandbox, "sh", "-c", "kill -SEGV $$")
    assert (command.cause, command.signal) == (Command.Cause.SIGNALLED, signal.SIGSEGV)


def test_a_command_that_takes_too_long_is_ended(sandbox):
    command = finish(sandbox, "sleep", "60", timeout=1)
    assert (command.cause, command.outcome) == (Command.Cause.TIMED_OUT, "timed out after 1 s")


def test_a_program_that_does_not_exist_says_so(sandbox):
    command = finish(sandbox, "no-such-program")
    assert command.cause == Command.Cause.START_FAILED
    assert "no-such-program" in command.error


def test_a_stopped_command_names_who_stopped_it(sandbox, owner):
    command = commands.run(sandbox, "sh", ["-c", "echo up; sleep 60"])
    until_output(command, "up")
    commands.stop(command, by=owner)
    command = commands.wait(command, 15)
    assert (command.cause, command.stopped_by) == (Command.Cause.KILLED, owner)


def test_stopping_ends_the_whole_process_group(sandbox):
    command = commands.run(sandbox, "sh", ["-c", "sleep 4242 & echo up; wait"])
    until_output(command, "up")
    commands.stop(command)
    commands.wait(command, 15)
    assert "4242" not in replay.text(finish(sandbox, "sh", "-c", "cat /proc/*/cmdline"))[:200]


def test_a_command_ends_though_its_child_holds_the_pipe(sandbox):
    command = finish(sandbox, "sh", "-c", "(sleep 30; echo late) & echo early")
    assert command.succeeded
    assert replay.text(command) == "early\n"


def test_memory_that_runs_out_is_the_cause_of_an_end(sandbox):
    command = finish(sandbox, "python3", "-c", "x = b'x' * (8 << 30)")
    assert command.cause in (Command.Cause.OUT_OF_MEMORY, Command.Cause.EXITED)
    assert not command.succeeded


def test_a_command_in_a_starting_sandbox_waits_for_it(owner, sandbox_worker):
    sandbox = creating.create_sandbox(owner)
    assert finish(sandbox, "echo", "soon").succeeded


def test_the_end_of_its_sandbox_is_the_cause_of_an_end(sandbox):
    command = commands.run(sandbox, "sh", ["-c", "echo up; sleep 60"])
    until_output(command, "up")
    lifecycle.stop(sandbox)
    assert commands.wait(command, 15).cause == Command.Cause.SANDBOX_STOPPED


def test_a_command_in_a_stopped_sandbox_is_refused_with_a_hint(owner, sandbox_worker):
    sandbox = creating.create_sandbox(owner, start=False)
    with pytest.raises(Refusal) as refusal:
        commands.run(sandbox, "true")
    assert refusal.value.code == "not_running"
    assert "Resume" in refusal.value.hint


def test_the_environment_and_directory_are_those_asked_for(sandbox):
    command = finish(sandbox, "sh", "-c", "echo $COLOUR; pwd", cwd="/tmp", env={"COLOUR": "teal"})
    assert replay.text(command) == "teal\n/tmp\n"


def test_another_user_finds_nothing(sandbox, django_user_model):
    bob = django_user_model.objects.create_user("bob")
    command = finish(sandbox, "true")
    with pytest.raises(Refusal, match="no such command"):
        commands.get_for(bob, command.id)


@pytest.mark.parametrize("words", [("",), ("a\0b",), ("x" * 200_000,)])
def test_what_cannot_be_a_command_is_refused(sandbox, words):
    with pytest.raises(Refusal):
        commands.run(sandbox, words[0])
