"""A pseudo-terminal in a sandbox: what programs see of it, its size, its end."""

from __future__ import annotations

import signal

import pytest

from sandboxes.engine import RequestRefused, TerminalSize
from tests.sandboxes.engine.boxes import drain, exit_of, read_until

SIZE = TerminalSize(100, 30)


@pytest.fixture
def shell(box):
    env = {"PS1": "ready> ", "TERM": "dumb"}  # no codes around the prompt
    with box.begin("bash", "--norc", "-i", terminal=SIZE, env=env) as command:
        read_until(command.stdout, b"ready> ")
        yield command


def test_a_program_sees_a_terminal_of_the_size_asked_for(box):
    with box.begin("sh", "-c", "tty && stty size", terminal=SIZE) as command:
        assert drain(command.stdout).endswith(b"30 100\r\n")
        assert exit_of(command).code == 0


def test_it_is_the_controlling_terminal(box):
    with box.begin("sh", "-c", "echo through >/dev/tty", terminal=SIZE) as command:
        assert drain(command.stdout) == b"through\r\n"


def test_what_is_typed_is_echoed_and_runs(box, shell):
    box.agent.write_input(shell.command, b"echo $((40+2))\n")
    assert b"\r\n42\r\n" in read_until(shell.stdout, b"42\r\nready> ")


def test_a_new_size_reaches_the_program(box, shell):
    box.agent.resize(shell.command, TerminalSize(132, 43))
    box.agent.write_input(shell.command, b"stty size\n")
    read_until(shell.stdout, b"43 132\r\n")


def test_a_program_hears_of_a_new_size(box):
    script = "trap 'stty size; exit' WINCH; echo waiting; while :; do sleep 0.05; done"
    with box.begin("bash", "-c", script, terminal=SIZE) as command:
        read_until(command.stdout, b"waiting")
        box.agent.resize(command.command, TerminalSize(50, 20))
        read_until(command.stdout, b"20 50\r\n")


@pytest.mark.parametrize(("cols", "rows"), [(0, 10), (10, 1001), (-1, 10)])
def test_an_impossible_size_is_refused(box, shell, cols, rows):
    with pytest.raises(RequestRefused):
        box.agent.resize(shell.command, TerminalSize(cols, rows))


def test_control_c_ends_the_program_in_the_foreground_and_not_the_shell(box, shell):
    # Of cat, which answers, it is known that it runs; a shell can miss the signal while it forks.
    box.agent.write_input(shell.command, b"echo o''n; cat\n")
    read_until(shell.stdout, b"\r\non\r\n")
    box.agent.write_input(shell.command, b"words\n")
    read_until(shell.stdout, b"words\r\nwords\r\n")
    box.agent.write_input(shell.command, b"\x03")
    read_until(shell.stdout, b"ready> ")
    box.agent.write_input(shell.command, b"echo still $((1+1))\n")
    read_until(shell.stdout, b"still 2")


def test_the_end_of_the_shell_ends_the_output(box, shell):
    box.agent.write_input(shell.command, b"exit 5\n")
    drain(shell.stdout)
    assert exit_of(shell).code == 5


def test_a_flood_that_nobody_reads_can_be_interrupted(box):
    with box.begin("yes", terminal=SIZE) as command:
        read_until(command.stdout, b"y\r\n" * 10)
        box.agent.write_input(command.command, b"\x03")
        drain(command.stdout)
        assert exit_of(command).signal == signal.SIGINT


def test_release_hangs_up_on_what_is_left(box, shell):
    box.agent.write_input(shell.command, b"(trap '' HUP; sleep 600) & exit\n")
    exit_of(shell)
    box.agent.release(shell.command)
    assert box.agent.commands() == []


def test_another_process_takes_it_up_where_it_is(box, shell):
    with box.engine.agent(box.handle).attach(shell.command) as again:
        box.agent.write_input(shell.command, b"echo again\n")
        read_until(again.stdout, b"\r\nagain\r\n")


def test_the_terminal_cannot_be_fed_by_a_program(isolated):
    # TIOCSTI would let what runs in a terminal type for the one who watches it.
    script = (
        "import fcntl, termios\n"
        "try:\n    fcntl.ioctl(0, termios.TIOCSTI, b'x')\n"
        "except PermissionError:\n    print('refused')\n"
    )
    with isolated.begin("python3", "-c", script, terminal=SIZE) as command:
        assert b"refused" in drain(command.stdout)
