"""`python3 manage.py bench` prints the table of numbers; `numbers.py` lists what is promised.

Each number stands beside a reference measured in the same run on the same machine; what counts is
the ratio. Nothing here asserts a time.
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pytest

from tests.benchmarks.numbers import BARS, PROMISED
from tests.fixtures.platform import Platform
from tests.fixtures.running import running


@dataclass(frozen=True)
class Row:
    path: str
    measured: str
    bar: str
    reference: str
    ratio: str


ROWS: list[Row] = []
ABSENT = "absent on this machine"


class Table:
    """Takes the rows that are printed at the end."""

    def add(
        self, path: str, measured: str, bar: str = "", reference: str = "–", ratio: str = "–"
    ) -> None:
        """`bar` may be left out for a promised path. A path may have further rows, `… beside X`."""
        ROWS.append(Row(path, measured, bar or BARS.get(path, "–"), reference, ratio))

    def times(self, path: str, bar: str, ours: Iterable[float], name: str, theirs: Iterable[float]):
        """Medians in milliseconds of seconds measured in turns."""
        mine, other = statistics.median(ours), statistics.median(theirs)
        self.compare(path, mine * 1000, "ms", name, other * 1000, bar=bar)

    def compare(
        self, path: str, ours: float, unit: str, name: str, theirs: float, *, bar: str = "",
        note: str = "",
    ) -> None:  # fmt: skip
        """One figure beside another of the same unit; `note` follows ours."""
        self.add(path, f"{_figure(ours)} {unit}{note and f', {note}'}", bar,
                 f"{name} {_figure(theirs)} {unit}",
                 f"{ours / theirs:.1f}×" if theirs else "–")  # fmt: skip

    def absent(self, path: str, name: str, bar: str = "") -> None:
        """A reference that this machine cannot give."""
        self.add(path, "–", bar, f"{name}: {ABSENT}")


@pytest.fixture(scope="module")
def platform() -> Iterator[Platform]:
    """One on which nothing else has left anything: it would be in the figures."""
    with running() as started:
        yield started


@pytest.fixture
def table() -> Table:
    return Table()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not ROWS:
        return
    rows = [Row("path", "measured", "bar", "reference in this run", "ratio"), *ordered(ROWS)]
    widths = [max(len(getattr(row, name)) for row in rows) for name in Row.__annotations__]
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    terminalreporter.section(f"numbers (medians; {os.cpu_count()} processors, load {load})")
    for row in rows:
        cells = [getattr(row, name) for name in Row.__annotations__]
        terminalreporter.write_line(
            " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        )


def ordered(rows: list[Row]) -> list[Row]:
    """As promised, each followed by its further comparisons; then what is not promised."""
    groups: dict[str, list[Row]] = {path: [] for path, _ in PROMISED}
    path = ""
    for row in rows:
        path = path if row.path.startswith("…") else row.path
        groups.setdefault(path, []).append(row)
    return [
        row
        for path, found in groups.items()
        for row in found or [Row(path, "not measured", BARS[path], "–", "–")]
    ]


def _figure(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"
