"""Ends of commands: all that they started goes, what they left on purpose stays, and the row says
who ended it."""

from __future__ import annotations

import signal

import pytest
from django.template.loader import render_to_string

from sandboxes.models import Command
from sandboxes.node.supervision import remains
from sandboxes.output import replay
from sandboxes.services import commands, creating, lifecycle, ports, readiness, terminals
from tests.fixtures.observed import until_output
from tests.fixtures.waiting import until

pytestmark = pytest.mark.sandbox

PATIENCE = 60
SERVER = "setsid python3 -m http.server 3000 >/dev/null 2>&1 &"
DEAF = "(trap '' TERM; exec sleep 1000) &"
BIND = "import socket; socket.create_server(('127.0.0.1', 3000)); print('free')"


def begin(sandbox, script: str, **options) -> Command:
    command = commands.run(sandbox, "bash", ["-c", script], **options)
    until_output(command, "up")
    command.refresh_from_db()
    return until(lambda: _when_running(command))


def _when_running(command: Command) -> Command | None:
    command.refresh_from_db()
    return command if command.status != Command.Status.QUEUED else None


def finish(sandbox, executable: str, *args: str, **options) -> Command:
    command = commands.wait(commands.run(sandbox, executable, args, **options), PATIENCE)
    assert command.is_finished
    return command


def ended(command: Command) -> Command:
    command = commands.wait(command, PATIENCE)
    assert command.is_finished
    return command


def left(command: Command) -> int:
    command.refresh_from_db()
    return command.left_processes


def sleepers(sandbox) -> str:
    return replay.text(finish(sandbox, "sh", "-c", "pgrep -c sleep; true")).strip()


def test_the_port_of_a_stopped_command_is_free_for_the_next_one(sandbox, owner):
    serving = begin(sandbox, f"{SERVER}\n{DEAF}\necho up; sleep 1000")
    until(lambda: ports.listening(sandbox) == [3000])
    commands.stop(serving, by=owner)
    serving = ended(serving)
    assert (serving.cause, serving.stopped_by, serving.left_processes) == ("killed", owner, 0)
    assert replay.text(finish(sandbox, "python3", "-c", BIND)) == "free\n"
    assert sleepers(sandbox) == "0"


def test_a_time_limit_ends_what_hides(sandbox):
    command = begin(sandbox, f"{SERVER}\n{DEAF}\necho up; sleep 1000", timeout=2, grace=0.2)
    assert ended(command).cause == Command.Cause.TIMED_OUT
    assert replay.text(finish(sandbox, "python3", "-c", BIND)) == "free\n"


def test_a_time_limit_that_was_asked_for_is_also_for_what_is_left(sandbox, monkeypatch):
    monkeypatch.setattr(remains, "TICK_SECONDS", 0.2)
    command = finish(sandbox, "bash", "-c", f"{SERVER}\n{DEAF}\nexit", timeout=3, grace=0.2)
    assert (command.cause, command.exit_code, command.left_processes) == ("exited", 0, 2)
    until(lambda: ports.listening(sandbox) == [])
    until(lambda: sleepers(sandbox) == "0")


def test_the_limit_of_the_platform_leaves_daemons_alone(sandbox, settings):
    settings.COMMAND_TIMEOUT = 1
    command = finish(sandbox, "bash", "-c", SERVER)
    finish(sandbox, "sleep", "2", timeout=10)
    assert (command.timeout, ports.listening(sandbox), left(command)) == (1, [3000], 1)


def test_a_daemon_stays_is_shown_and_can_be_stopped(sandbox, owner):
    command = finish(sandbox, "bash", "-c", SERVER, by=owner)
    assert (command.outcome, left(command)) == ("exit 0", 1)
    row = render_to_string("sandboxes/_command_row.html", {"command": command})
    assert "left 1 running" in row and "Stop this command" in row
    until(lambda: ports.listening(sandbox) == [3000])
    commands.stop(command, by=owner)
    until(lambda: left(command) == 0)
    assert ports.listening(sandbox) == []
    assert (command.outcome, command.stopped_by) == ("exit 0", owner)


def test_a_signal_reaches_what_was_left(sandbox, owner):
    command = finish(sandbox, "bash", "-c", SERVER)
    commands.send_signal(command, signal.SIGKILL, by=owner)
    until(lambda: left(command) == 0)
    assert replay.text(finish(sandbox, "python3", "-c", BIND)) == "free\n"


def test_what_was_left_ends_with_the_sandbox_and_the_row_knows(sandbox):
    command = finish(sandbox, "bash", "-c", SERVER)
    assert left(command) == 1
    lifecycle.stop(sandbox)
    until(lambda: left(command) == 0)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_a_signal_that_was_sent_is_the_cause_and_names_who_sent_it(sandbox, owner, number):
    command = begin(sandbox, f"{SERVER}\necho up; exec sleep 1000")
    commands.send_signal(command, number, by=owner)
    command = ended(command)
    said = (command.cause, command.signal, command.sent_signal, command.stopped_by)
    assert said == (Command.Cause.KILLED, number, number, owner)
    assert command.outcome == f"stopped by a user ({number.name})"
    assert ports.listening(sandbox) == []


def test_a_signal_that_does_not_end_it_is_no_cause(sandbox, owner):
    command = begin(sandbox, "trap 'echo told; exit 3' USR1; echo up; while :; do sleep 0.05; done")
    commands.send_signal(command, signal.SIGUSR1, by=owner)
    command = ended(command)
    said = (command.cause, command.exit_code, command.signal, command.error)
    assert said == (Command.Cause.EXITED, 3, None, ""), replay.text(command)
    assert "told" in replay.text(command)


def test_a_kill_right_before_the_end_of_the_sandbox_stays_the_cause(sandbox, owner):
    command = begin(sandbox, f"{DEAF}\necho up; exec sleep 1000")
    commands.send_signal(command, signal.SIGTERM, by=owner)  # the deaf one holds its end up
    lifecycle.stop(sandbox)
    command = ended(command)
    assert (command.cause, command.signal) == (Command.Cause.KILLED, signal.SIGTERM)


def test_the_end_of_the_sandboxs_time_is_the_cause_though_the_program_obeyed(owner, sandbox_worker):
    sandbox = readiness.wait_until_running(creating.create_sandbox(owner, timeout=60))
    from sandboxes.host import handles

    command = begin(sandbox, "trap 'exit 7' TERM; echo up; while :; do sleep 0.05; done")
    handle = handles.handle_of(sandbox.session)
    handles.agent_of(handle).set_deadline(0.1)
    assert ended(command).cause == Command.Cause.SANDBOX_STOPPED


def test_a_terminal_that_is_closed_takes_its_programs_along(sandbox, owner):
    terminal = terminals.create(sandbox, executable="bash", args=["-c", f"{SERVER}\n{DEAF}\ncat"])
    until(lambda: ports.listening(sandbox) == [3000])
    terminals.close(terminal, by=owner)
    ended(terminal.command)
    assert (ports.listening(sandbox), sleepers(sandbox)) == ([], "0")
