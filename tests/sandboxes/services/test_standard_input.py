"""Writing to commands, as programs do it: through the service."""

from __future__ import annotations

import pytest

from sandboxes.output import replay
from sandboxes.services import commands, standard_input
from sandboxes.services.standard_input import InputError

pytestmark = pytest.mark.sandbox


def test_a_command_is_fed_before_it_has_even_started(sandbox):
    command = commands.run(sandbox, "cat", stdin=True)
    assert standard_input.write(command, b"hello\n", offset=0) == 6
    assert standard_input.write(command, b"hello\nworld\n", offset=0, close=True) == 12
    assert commands.wait(command, 20).succeeded
    assert replay.text(command) == "hello\nworld\n"


def test_a_gap_is_a_conflict(sandbox):
    command = commands.run(sandbox, "cat", stdin=True)
    with pytest.raises(InputError) as caught:
        standard_input.write(command, b"x", offset=9)
    assert caught.value.code == "conflict"


def test_a_stall_says_how_far_it_came(sandbox):
    command = commands.run(sandbox, "sleep", ["60"], stdin=True)
    with pytest.raises(InputError) as caught:
        standard_input.write(command, b"x" * 200_000, offset=0, timeout=0.5)
    assert caught.value.code == "timeout"
    assert caught.value.written == standard_input.state(command).written > 0


def test_a_command_without_one_is_refused(sandbox):
    command = commands.run(sandbox, "sleep", ["60"])
    with pytest.raises(InputError) as caught:
        standard_input.write(command, b"x")
    assert caught.value.code == "stdin_unavailable"


def test_a_finished_command_is_not_found(sandbox):
    command = commands.wait(commands.run(sandbox, "true", stdin=True), 20)
    with pytest.raises(InputError) as caught:
        standard_input.write(command, b"x")
    assert caught.value.code == "not_found"
