"""Each row of docs/parity.md says whether the feature is here, where, and which test shows it."""

from __future__ import annotations

import re
from itertools import takewhile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HERE = re.compile(r"(yes|other|partly|not yet)\b")
LATER = re.compile(r"belongs? to (?:the|later) work")
CODE = re.compile(r"`([^`]+)`")


def rows(text: str) -> list[list[str]]:
    """The cells of all rows of tables with the four columns of a feature."""
    found: list[list[str]] = []
    lines = iter(text.splitlines())
    for line in lines:
        if line.endswith("| here | where | test |"):
            table = takewhile(lambda one: one.startswith("|"), lines)
            found += [[cell.strip() for cell in row.strip("|").split("|")] for row in table][1:]
    return found


def fault(cells: list[str]) -> str:
    """What is wrong with a row; "" for nothing."""
    if len(cells) != 4 or not all(cells):
        return "it has not four cells"
    _, here, where, test = cells
    said = HERE.match(here)
    if said is None:
        return "it does not begin with a word of the first table"
    if said[1] in ("partly", "not yet") and not LATER.search(here):
        return "it does not say to which work the rest belongs"
    if said[1] == "not yet":
        return "" if where == test == "–" else "it names what cannot be there"
    named = CODE.findall(test)
    if not CODE.search(where) or not named:
        return "it names no file, or no test"
    for name in named:
        file, _, function = name.partition(":")
        if not re.fullmatch(r"tests/(?:\w+/)*(?:test_\w+\.py|[\w-]+\.test\.mjs)", file):
            return f"{name} is no file of tests"
        if function and not function.startswith("test_"):
            return f"{name} is no test"
    return ""


ROWS = rows((ROOT / "docs/parity.md").read_text(encoding="utf-8"))


def test_every_row_keeps_to_the_form() -> None:
    assert [(cells[0], why) for cells in ROWS if (why := fault(cells))] == []


def test_the_twelve_faults_of_the_reference_app_have_a_test_each() -> None:
    page = (ROOT / "docs/parity.md").read_text(encoding="utf-8")
    section = page.partition("\n## What the reference app gets wrong\n")[2].partition("\n## ")[0]
    found = rows(section)
    assert len(found) == 12
    assert [cells[0] for cells in found if ":test_" not in cells[3]] == []


@pytest.mark.parametrize(
    ("row", "good"),
    [
        ("| A | yes | `a.py` | `tests/a/test_b.py` |", True),
        ("| A | not yet: belongs to the work on B | – | – |", True),
        ("| A | partly: belongs to later work on B | `a.py` | `tests/a/test_b.py:test_c` |", True),
        ("| A | yes | `a.py` | – |", False),
        ("| A | yes | `a.py` | `tests/a/conftest.py` |", False),
        ("| A | yes | `a.py` | `tests/a/test_b.py:make` |", False),
        ("| A | perhaps | `a.py` | `tests/a/test_b.py` |", False),
        ("| A | partly | `a.py` | `tests/a/test_b.py` |", False),
        ("| A | not yet | – | – |", False),
        ("| A | not yet: belongs to the work on B | `a.py` | – |", False),
    ],
)
def test_the_form_tells_right_from_wrong(row: str, good: bool) -> None:
    table = f"| feature | here | where | test |\n|---|---|---|---|\n{row}\n"
    assert (fault(rows(table)[0]) == "") is good
