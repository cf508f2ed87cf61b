"""How long output is collected follows how busy the process is."""

from __future__ import annotations

import pytest

from sandboxes.output.pace import LONGEST_SECONDS, WINDOW_SECONDS, Pace


class Process:
    """A process whose processor time a test decides."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.spent = 0.0
        self.pace = Pace(lambda: self.spent)
        self.pace.look(self.now)

    def works(self, share: float, seconds: int = 1) -> float:
        for _ in range(seconds):
            self.now += 1.0
            self.spent += share
            self.pace.look(self.now)
        return self.pace.window


def test_a_quiet_process_collects_for_the_shortest_time():
    assert Process().works(0.1, seconds=3) == WINDOW_SECONDS


def test_a_busy_process_collects_for_longer_with_each_second():
    process = Process()
    assert [process.works(0.9) for _ in range(4)] == [0.05, 0.1, 0.2, 0.2]


def test_a_window_that_made_it_calmer_stays():
    process = Process()
    process.works(0.9, seconds=2)
    assert process.works(0.4, seconds=10) == 0.1


def test_a_process_that_has_become_quiet_goes_back_to_the_shortest_time():
    process = Process()
    assert process.works(0.9, seconds=9) == LONGEST_SECONDS
    assert process.works(0.05, seconds=3) == WINDOW_SECONDS


def test_the_time_is_looked_at_once_a_second():
    process = Process()
    process.spent += 5
    process.now += 0.5
    process.pace.look(process.now)
    assert process.pace.window == WINDOW_SECONDS


def test_a_long_pause_is_quiet_time():
    process = Process()
    process.works(0.9, seconds=1)
    process.now += 60
    process.spent += 1
    process.pace.look(process.now)
    assert process.pace.window == pytest.approx(WINDOW_SECONDS)
