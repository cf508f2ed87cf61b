"""Files that are copied in processes of their own: what they say reaches the one that asked."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandboxes.engine.trees.crew import Crew
from sandboxes.engine.trees.entries import EntryCopy, Tally, TreeError
from sandboxes.engine.trees.space import DiskFull


@pytest.fixture
def ends(tmp_path: Path) -> Iterator[tuple[int, int]]:
    for name in ("source", "target"):
        (tmp_path / name).mkdir()
    for number in range(20):
        (tmp_path / "source" / str(number)).write_bytes(b"x" * number)
    os.link(tmp_path / "source/3", tmp_path / "source/again")
    found = [os.open(tmp_path / name, os.O_RDONLY) for name in ("source", "target")]
    yield found[0], found[1]
    for end in found:
        os.close(end)


@pytest.fixture
def crew() -> Iterator[Callable[..., Crew]]:
    made: list[Crew] = []

    def make(size: int, advance: Callable[[int], None] = lambda _: None) -> Crew:
        made.append(Crew(size, EntryCopy(None, advance), Tally()))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.mark.parametrize("size", [0, 1, 3])
def test_all_is_copied_but_what_has_several_names(crew, ends, tmp_path, size):
    team = crew(size)
    left: list[str] = []
    for number in range(20):
        team.hand_out(*ends, [str(number)], left.extend)
    team.wait()
    assert left == ["3"]
    assert team._tally.entries == 19
    made = {path.name: len(path.read_bytes()) for path in (tmp_path / "target").iterdir()}
    assert made == {str(number): number for number in range(20) if number != 3}


def full(size: int) -> None:
    raise DiskFull


def too_odd(size: int) -> None:
    raise TreeError("It is too odd.")


@pytest.mark.parametrize(
    ("advance", "name", "failure", "words"),
    [
        (full, "1", DiskFull, None),
        (too_odd, "1", TreeError, "too odd"),
        (lambda _: None, "none", FileNotFoundError, "No such file"),
        (lambda _: None, "1", FileExistsError, "File exists"),
    ],
)
def test_what_goes_wrong_is_raised_where_it_was_asked_for(
    crew, ends, tmp_path, advance, name, failure, words
):
    if failure is FileExistsError:
        (tmp_path / "target/1").touch()
    team = crew(1, advance)
    with pytest.raises(failure, match=words):
        team.hand_out(*ends, [name], lambda _: None)
        team.wait()


def test_a_process_that_is_killed_is_missed(crew, ends):
    def die(size: int) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    team = crew(1, die)
    with pytest.raises(TreeError, match="broken off"):
        team.hand_out(*ends, ["1"], lambda _: None)
        team.wait()


def test_none_is_left_when_it_is_closed(crew, ends):
    team = crew(2)
    team.hand_out(*ends, ["1"], lambda _: None)
    team.hand_out(*ends, ["2"], lambda _: None)
    processes = [member.pid for member in team._members]
    assert len(processes) == 2
    team.close()
    for process in processes:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)
