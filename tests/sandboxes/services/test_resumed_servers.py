"""A sandbox that is resumed has the servers that ran when it ended, and no others."""

from __future__ import annotations

import pytest

from sandboxes.models import Command, Sandbox
from sandboxes.services import commands, lifecycle, ports, readiness, servers
from tests.fixtures.observed import until_status
from tests.fixtures.waiting import until

pytestmark = pytest.mark.sandbox
SERVE = ["-m", "http.server", "3000"]


def resumed(sandbox: Sandbox) -> list[Command]:
    """Stop and resume it; the commands of its new session."""
    lifecycle.stop(sandbox)
    until_status(sandbox, Sandbox.Status.STOPPED)
    servers.resume(sandbox)
    sandbox.refresh_from_db()
    return list(Command.objects.filter(session=sandbox.session_id))


def serving(sandbox: Sandbox, program: str, args: list[str], *, background: bool = True) -> None:
    commands.run(sandbox, program, args, background=background)
    until(lambda: 3000 in ports.listening(sandbox))


def test_a_server_listens_again_after_a_resume(sandbox):
    serving(sandbox, "python3", SERVE)
    resumed(sandbox)
    readiness.wait_until_running(sandbox)
    until(lambda: 3000 in ports.listening(sandbox))


def test_it_comes_back_as_it_was_started(sandbox):
    first = commands.run(sandbox, "sleep", ["600"], cwd="/tmp", env={"A": "b"}, background=True)
    until_running(first)
    [second] = resumed(sandbox)
    assert (second.line, second.cwd, second.env) == (first.line, first.cwd, first.env)


def test_what_a_command_left_running_comes_back(sandbox):
    serving(
        sandbox, "sh", ["-c", "python3 -m http.server 3000 >/dev/null 2>&1 &"], background=False
    )
    until(lambda: Command.objects.filter(sandbox=sandbox, left_processes__gt=0).exists())
    assert len(resumed(sandbox)) == 1


def test_what_somebody_stopped_stays_so(sandbox):
    command = commands.run(sandbox, "sleep", ["600"], background=True)
    until_running(command)
    commands.stop(command)
    assert commands.wait(command, 20).is_finished
    assert resumed(sandbox) == []


def test_two_who_resume_it_start_its_servers_once(sandbox):
    until_running(commands.run(sandbox, "sleep", ["600"], background=True))
    resumed(sandbox)
    servers.resume(sandbox)
    assert Command.objects.filter(session=sandbox.session_id).count() == 1


def test_a_port_is_named_by_the_server_that_mentions_it(sandbox):
    for port in ("3000", "4000"):
        commands.run(sandbox, "python3", ["-m", "http.server", port], background=True)
    found = servers.names(sandbox, [3000, 4000, 5000])
    assert found == {
        3000: "python3 -m http.server 3000",
        4000: "python3 -m http.server 4000",
    }


def until_running(command: Command) -> None:
    def runs() -> bool:
        command.refresh_from_db()
        return command.status == Command.Status.RUNNING

    until(runs)
