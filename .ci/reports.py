"""What `.ci/run` says of its tests, from the reports that pytest has written beside each other.

`once FIRST AGAIN` names what failed in the first run and passed alone; it exits with 1 when that is
too much. `all DIRECTORY` prints what failed once in any part, and the slowest tests of all of them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

SLOWEST = 20
# More of them than this is no noise of the machine.
MAY_FAIL_ONCE = 3


def cases(report: Path) -> Iterator[tuple[str, float, bool]]:
    """Name, seconds with set-up and tear-down, and whether it failed."""
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 - our own
        name = f"{case.get('classname')}.{case.get('name')}"
        failed = case.find("failure") is not None or case.find("error") is not None
        yield name, float(case.get("time") or 0), failed


def failed_once(first: Path, again: Path) -> list[str]:
    failed = {name for name, _, failed in cases(first) if failed}
    passed = {name for name, _, failed in cases(again) if not failed}
    return sorted(failed & passed)


def once(first: Path, again: Path) -> int:
    found = failed_once(first, again)
    if len(found) <= MAY_FAIL_ONCE:
        return 0
    print(f"=== {len(found)} tests failed once and passed alone; {MAY_FAIL_ONCE} may")
    return 1


def everything(directory: Path) -> None:
    reports = {path.stem: path for path in sorted(directory.glob("*.xml")) if path.stat().st_size}
    rows = [
        (part.removesuffix(".again"), name)
        for part, again in reports.items()
        if part.endswith(".again") and (first := reports.get(part.removesuffix(".again")))
        for name in failed_once(first, again)
    ]
    if rows:
        print("=== failed once, passed alone")
        for part, name in rows:
            print(f"  {part:<12}{name}")
    timed = [
        (seconds, part, name)
        for part, report in reports.items()
        if not part.endswith(".again")
        for name, seconds, _ in cases(report)
    ]
    if timed:
        print(f"=== slowest {SLOWEST} of {len(timed)} tests")
    for seconds, part, name in sorted(timed, reverse=True)[:SLOWEST]:
        print(f"{seconds:6.0f} s  {part:<12}{name}")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["once", first, again]:
            sys.exit(once(Path(first), Path(again)))
        case ["all", directory]:
            everything(Path(directory))
