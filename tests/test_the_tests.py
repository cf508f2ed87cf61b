"""What keeps the suite in order, read from its source: one place for each thing, exact wishes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
FILES = sorted(TESTS.rglob("*.py"))
WAITING = TESTS / "fixtures" / "waiting.py"
# Names of functions that wait for a condition; those that read a stream are called otherwise.
WAITS = re.compile(r"_?(until|eventually)|_?wait_(for|until)\w*")
# Programs that run elsewhere are text and not met here. What is left sleeps with a reason:
SLEEPS = {
    "fixtures/waiting.py": "the one place that waits",
    "fixtures/platform.py": "between two tries of a request, as a client does",
    "benchmarks": "measures",
    "sandboxes/batteries": "load that goes on for a while, and kills at random moments",
    "abuse/hostile_tenant.py": "a receiver that takes its time",
    "abuse/test_crowd.py": "load that goes on for a while",
    "sandboxes/output/test_replay.py": "readers that come and go at random",
    "sandboxes/egress/test_gateway.py": "a client that trickles",
    "sandboxes/preview/previewed_app.py": "a server that takes its time",
    "sandboxes/preview/test_large_messages.py": "samples how much memory there is",
    "chat/agent/test_server_tools.py": "a server that sends for ever, at a server's pace",
    "chat/services/problems/test_monitor_killed.py": "kills at random moments",
    "e2e/console_app.py": "an answer that never comes",
    "sandboxes/browsing/serving.py": "an answer that never comes",
    "e2e/test_recovery.py": "an outage of ten seconds",
    "e2e/test_file_transfer.py": "a client that does not read, and a meter's pace",
    "vibe/older/make.py": "runs in the checkout of an older commit",
    "vibe/health/test_health.py": "a database that hangs",
}


@cache
def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def places(file: Path, nodes: Iterator[ast.AST]) -> list[str]:
    return [f"{file.relative_to(TESTS)}:{getattr(node, 'lineno', 0)}" for node in nodes]


def imports_of_tests(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names = [node.module or "", *(alias.name for alias in node.names)]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        if any(part.startswith("test_") for name in names for part in name.split(".")):
            yield node


def functions_that_wait(tree: ast.Module) -> Iterator[ast.AST]:
    """Functions; a method says of what it belongs to when that has happened."""
    methods = {
        id(member)
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for member in node.body
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and id(node) not in methods
            and WAITS.fullmatch(node.name)
        ):
            yield node


def loose_statuses(tree: ast.Module) -> Iterator[ast.AST]:
    """Comparisons of an answer's status with more than one value."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Compare):
            continue
        compared = [node.left, *node.comparators]
        is_status = any(
            isinstance(part, ast.Attribute) and part.attr in ("status_code", "status")
            for part in compared
        )
        numbers = [
            constant.value
            for part in compared
            for constant in ast.walk(part)
            if isinstance(constant, ast.Constant) and isinstance(constant.value, int)
        ]
        exact = all(isinstance(operator, ast.Eq) for operator in node.ops)
        if is_status and any(100 <= number < 600 for number in numbers) and not exact:
            yield node


def sleeps(tree: ast.Module) -> Iterator[ast.AST]:
    """Calls of sleep for any time; sleep(0) only lets others have their turn."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "sleep"
            and not (isinstance(node.args[0], ast.Constant) and node.args[0].value == 0)
        ):
            yield node


def test_no_file_of_tests_imports_another() -> None:
    assert [place for file in FILES for place in places(file, imports_of_tests(parsed(file)))] == []


def test_answers_are_compared_with_one_status() -> None:
    # A benchmark asserts nothing about an answer but that it is one.
    files = [file for file in FILES if file.parent.name != "benchmarks"]
    assert [place for file in files for place in places(file, loose_statuses(parsed(file)))] == []


def test_waiting_is_written_once() -> None:
    others = [file for file in FILES if file != WAITING]
    assert [p for file in others for p in places(file, functions_that_wait(parsed(file)))] == []


def test_nothing_sleeps_to_be_in_step() -> None:
    found = [place for file in FILES for place in places(file, sleeps(parsed(file)))]
    assert [place for place in found if not place.startswith(tuple(SLEEPS))] == []
    assert [name for name in SLEEPS if not any(place.startswith(name) for place in found)] == []


@pytest.mark.parametrize(
    ("find", "source"),
    [
        (imports_of_tests, "from tests.chat.test_x import y"),
        (imports_of_tests, "from tests.chat import test_x"),
        (imports_of_tests, "import tests.chat.test_x"),
        (functions_that_wait, "async def wait_for_it(): ..."),
        (functions_that_wait, "def until(condition): ..."),
        (loose_statuses, "assert answer.status_code in (200, 503)"),
        (loose_statuses, "assert 400 <= answer.status < 500"),
        (loose_statuses, "assert answer.status_code != 500"),
        (sleeps, "time.sleep(0.1)"),
        (sleeps, "await asyncio.sleep(pause)"),
    ],
)
def test_the_search_finds_it(find, source: str) -> None:
    assert list(find(ast.parse(source)))


@pytest.mark.parametrize(
    ("find", "source"),
    [
        (imports_of_tests, "from tests.fixtures.waiting import until"),
        (functions_that_wait, "class Page:\n    def until(self): ..."),
        (loose_statuses, "assert answer.status_code == 404"),
        (loose_statuses, "assert turn.status in ('completed', 'failed')"),
        (sleeps, "await asyncio.sleep(0)"),
    ],
)
def test_the_search_leaves_it(find, source: str) -> None:
    assert not list(find(ast.parse(source)))
