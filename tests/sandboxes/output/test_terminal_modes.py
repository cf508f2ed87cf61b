"""The modes of a terminal, read off its output in pieces of any length."""

from __future__ import annotations

import pytest

from sandboxes.output import terminal_modes
from sandboxes.output.terminal_modes import TerminalModes
from tests.fixtures.rows import add_output, make_command, make_sandbox
from vibe.accounts.models import User

# As a full-screen editor begins.
EDITOR = (
    b"\x1b[22;2t\x1b[?1049h\x1b[?1h\x1b=\x1b[?2004h\x1b[?1004h\x1b[1;23r\x1b[?12h\x1b[?12l"
    b"\x1b]2;notes.txt\x07\x1b[?25l\x1b[?1002h\x1b[?1006h\x1b[2 q\x1b(0"
)


def after(*pieces: bytes, rows: int = 24) -> bytes:
    modes = TerminalModes()
    for piece in pieces:
        modes.feed(piece)
    return modes.sequences(rows)


@pytest.mark.parametrize(
    ("said", "left"),
    [
        (b"\x1b[?1049h", b"\x1b[?1049h"),
        (b"\x1b[?1049h\x1b[?1049l", b""),
        (b"\x1b[?47h\x1b[?1049h", b"\x1b[?1049h"),
        (b"\x1b[?1000;1006h", b"\x1b[?1000h\x1b[?1006h"),
        (b"\x1b[?1000h\x1b[?1003h", b"\x1b[?1003h"),
        (b"\x1b[?1000h\x1b[?1002l", b""),
        (b"\x1b[?2004h", b"\x1b[?2004h"),
        (b"\x1b[?1h\x1b=", b"\x1b[?1h\x1b="),
        (b"\x1b[?25l", b"\x1b[?25l"),
        (b"\x1b[?25l\x1b[?25h", b""),
        (b"\x1b[?7l", b"\x1b[?7l"),
        (b"\x1b[4h", b"\x1b[4h"),
        (b"\x1b]0;one\x07\x1b]2;two\x1b\\", b"\x1b]2;two\x07"),
        (b"\x1b]2;a\x07\x1b[22;0t\x1b]2;b\x07\x1b[23;0t", b"\x1b]2;a\x07"),
        (b"\x1b[5;20r", b"\x1b[5;20r"),
        (b"\x1b[5r", b"\x1b[5r"),
        (b"\x1b[5;20r\x1b[r", b""),
        (b"\x1b[1;24r", b""),
        (b"\x1b[1;40r", b""),  # from before the terminal became smaller
        (b"\x1b(0", b"\x1b(0"),
        (b"\x1b(0\x1b(B", b""),
        (b"\x1b)0\x0e", b"\x1b)0\x0e"),
        (b"\x1b[4 q", b"\x1b[4 q"),
        (EDITOR + b"\x1bc", b""),
        (b"\x1b[?1h\x1b[5;9r\x1b[!p", b""),
        (b"\x1b[?2026h\x1b[?9999h\x1b[31m\x1b[2J\x1b[c plain", b""),
    ],
)
def test_what_was_switched_is_switched_again(said: bytes, left: bytes) -> None:
    assert after(said) == left
    assert after(*(said[at : at + 1] for at in range(len(said)))) == left


def test_an_editors_modes_come_back_and_what_comes_back_is_what_holds() -> None:
    restored = after(EDITOR)
    for mode in (b"1049h", b"1h", b"2004h", b"1004h", b"25l", b"1002h", b"1006h"):
        assert b"\x1b[?" + mode in restored
    for other in (b"\x1b=", b"\x1b[1;23r", b"\x1b]2;notes.txt\x07", b"\x1b[2 q", b"\x1b(0"):
        assert other in restored
    assert restored.startswith(b"\x1b[?1049h")  # what follows is of that screen
    assert after(restored) == restored


def test_a_sequence_that_goes_on_behind_the_cut_keeps_its_beginning() -> None:
    assert after(b"text \x1b[38;5") == b"\x1b[38;5"
    assert after(b"text \x1b]2;half a ti") == b"\x1b]2;half a ti"
    assert after(b"x" * 100 + b"\x1b[" + b"1;" * 10_000) == b""


def test_a_title_brings_no_sequence_of_its_own() -> None:
    assert after(b"\x1b]2;" + b"a\x01\xc2\x9bb" * 5 + b"\x07") == b"\x1b]2;" + b"ab" * 5 + b"\x07"


@pytest.mark.django_db
def test_the_modes_at_a_byte_of_the_log() -> None:
    owner = User.objects.create_user("ann")
    command = make_command(make_sandbox(owner), tty=True)
    pieces = [b"shell\r\n", EDITOR[:40], EDITOR[40:], b"x" * 1000, b"\x1b[?1049l\x1b[?1002l", b"$ "]
    add_output(command, *((1, piece) for piece in pieces))
    start, middle = len(pieces[0]), len(b"".join(pieces[:4]))
    end = len(b"".join(pieces))
    # Forwards and backwards, with what was found before and without.
    for offset in (middle, end, start, middle + 3, end, middle):
        found = terminal_modes.before(command, offset).sequences()
        assert (b"1049h" in found) == (start < offset <= middle + 3)
        assert (b"\x1b[?2004h" in found) == (offset > start)


@pytest.mark.django_db
def test_an_output_of_nothing_but_switches_is_not_read_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(terminal_modes, "MOST_TAKEN", 1000)
    monkeypatch.setattr(terminal_modes, "LAST_BYTES", 4000)
    command = make_command(make_sandbox(User.objects.create_user("ann")), tty=True)
    switching = b"\x1b[?25l\x1b[?25h" * 100
    add_output(command, *[(1, switching)] * 100, (1, b"\x1b[?1h"))
    taken: list[int] = []
    take = TerminalModes._take
    monkeypatch.setattr(TerminalModes, "_take", lambda *given: (taken.append(1), take(*given)))
    found = terminal_modes.before(command, command.log_size)
    assert found.sequences() == b"\x1b[?1h"
    assert len(taken) < 3000
