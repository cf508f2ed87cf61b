"""Reading a `.env` file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from vibe import env


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file whose names leave no trace in the environment of other tests."""
    monkeypatch.setattr(env, "FROM_FILE", set())
    yield tmp_path / ".env"
    env.forget_file()


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A_NAME=1", "1"),
        ("A_NAME=1 # why", "1"),
        ("A_NAME=1#not", "1#not"),
        ("A_NAME = 'one # two' # three", "one # two"),
        ('A_NAME="a \\"word\\""', 'a "word"'),
        ('export A_NAME="x"', "x"),
        ('A_NAME="first\nsecond"', "first\nsecond"),
        (r'A_NAME="first\nsecond"', "first\nsecond"),
        (r"A_NAME='first\nsecond'", r"first\nsecond"),
        ("A_NAME=pa$HOME${HOME}", "pa$HOME${HOME}"),
        ("A_NAME=", ""),
        ("# A_NAME=0\n\nA_NAME=é", "é"),
        ("A_NAME=0\nA_NAME=1", "1"),
    ],
)
def test_a_line_gives_what_a_shell_would(file: Path, line: str, value: str) -> None:
    file.write_text(f"{line}\n", encoding="utf-8")

    env.load_file(file)

    assert os.environ["A_NAME"] == value


def test_the_environment_wins(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_NAME", "of the shell")
    file.write_text("A_NAME=of the file\nOTHER_NAME=1\n")

    env.load_file(file)
    assert (os.environ["A_NAME"], os.environ["OTHER_NAME"]) == ("of the shell", "1")

    env.forget_file()
    assert os.environ["A_NAME"] == "of the shell"
    assert "OTHER_NAME" not in os.environ


def test_a_line_that_says_nothing_is_passed_over(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file.write_text("A_NAME\n-- nothing\nOTHER_NAME=1\n")

    env.load_file(file)

    assert "A_NAME" not in os.environ
    assert os.environ["OTHER_NAME"] == "1"
    assert "line 2" in caplog.text


@pytest.mark.parametrize("place", ["missing", os.devnull])
def test_no_file_is_no_fault(tmp_path: Path, place: str) -> None:
    before = dict(os.environ)

    env.load_file(tmp_path / place)

    assert dict(os.environ) == before
