"""Terminals through the service: opened, typed into, resized, closed, started again."""

from __future__ import annotations

import pytest

from sandboxes.engine import TerminalSize
from sandboxes.models import Command, SandboxSession, Terminal
from sandboxes.output import replay
from sandboxes.services import commands, standard_input, terminals
from tests.fixtures.observed import until_output
from tests.fixtures.waiting import until
from vibe.refusal import Refusal

pytestmark = pytest.mark.sandbox


def type_in(terminal: Terminal, line: str) -> None:
    standard_input.write(terminal.command, line.encode() + b"\n")


def test_a_shell_answers_what_is_typed(sandbox):
    terminal = terminals.create(sandbox)
    type_in(terminal, "echo $((40+2)) $TERM")
    until_output(terminal.command, "42 xterm-256color")


def test_it_has_the_size_that_was_asked_for_and_then_set(sandbox):
    terminal = terminals.create(sandbox, size=TerminalSize(91, 31))
    type_in(terminal, "stty size")
    until_output(terminal.command, "31 91")
    terminals.resize(terminal, TerminalSize(120, 40))
    type_in(terminal, "stty size")
    until_output(terminal.command, "40 120")
    assert (terminals.list_for(sandbox).get().cols) == 120


def test_closing_ends_the_shell_and_what_runs_in_it(sandbox):
    terminal = terminals.create(sandbox)
    type_in(terminal, "sleep 1234")
    until_output(terminal.command, "sleep 1234")
    terminals.close(terminal)
    command = commands.wait(terminal.command, 20)
    assert command.cause == Command.Cause.KILLED
    assert not terminals.list_for(sandbox)


def test_terminals_get_names_that_are_free(sandbox):
    one, two = terminals.create(sandbox), terminals.create(sandbox)
    terminals.close(one)
    assert [two.name, terminals.create(sandbox).name] == ["Shell 2", "Shell 1"]


def test_a_program_can_be_named(sandbox):
    terminal = terminals.create(sandbox, executable="sh", args=["-c", "tty; pwd"], cwd="/tmp")
    assert commands.wait(terminal.command, 20).succeeded
    assert replay.text(terminal.command).split()[1] == "/tmp"


def test_another_user_finds_nothing(sandbox, django_user_model):
    terminal = terminals.create(sandbox)
    with pytest.raises(Refusal) as caught:
        terminals.get_for(django_user_model.objects.create_user("mallory"), terminal.id)
    assert caught.value.code == "not_found"


def test_its_command_is_not_among_those_of_the_sandbox(sandbox):
    terminals.create(sandbox)
    assert not commands.list_for(sandbox)


def test_a_sandbox_has_so_many_terminals_and_no_more(sandbox, monkeypatch):
    monkeypatch.setattr(terminals, "MAX_OPEN", 1)
    terminals.create(sandbox)
    with pytest.raises(Refusal) as caught:
        terminals.create(sandbox)
    assert caught.value.code == "limit"


def test_a_terminal_in_which_something_shows_is_activity(sandbox):
    terminal = terminals.create(sandbox)
    type_in(terminal, "echo on $((1+1))")
    until_output(terminal.command, "on 2")
    until(lambda: SandboxSession.objects.get(pk=sandbox.session_id).active_at)
