"""`python3 manage.py test -m benchmark tests/benchmarks` prints the table of numbers.

Each number stands beside a reference measured in the same run on the same machine; what counts is
the ratio. Nothing here asserts a time.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass

import pytest


@dataclass(frozen=True)
class Row:
    path: str
    measured: str
    bar: str
    reference: str
    ratio: str


ROWS: list[Row] = []


class Table:
    """Takes the rows that are printed at the end."""

    def add(self, path: str, measured: str, bar: str, reference: str = "–", ratio: str = "–"):
        ROWS.append(Row(path, measured, bar, reference, ratio))

    def times(self, path: str, bar: str, ours: Iterable[float], name: str, theirs: Iterable[float]):
        """Medians in milliseconds of seconds measured in turns."""
        mine, other = statistics.median(ours), statistics.median(theirs)
        self.add(path, f"{mine * 1000:.1f} ms", bar, f"{name} {other * 1000:.1f} ms",
                 f"{mine / other:.1f}×")  # fmt: skip


@pytest.fixture
def table() -> Table:
    return Table()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not ROWS:
        return
    heads = Row("path", "measured", "bar", "reference in this run", "ratio")
    widths = [
        max(len(getattr(row, name)) for row in [heads, *ROWS]) for name in Row.__annotations__
    ]
    terminalreporter.section("numbers (medians)")
    for row in [heads, *ROWS]:
        cells = [getattr(row, name) for name in Row.__annotations__]
        terminalreporter.write_line(
            " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        )
