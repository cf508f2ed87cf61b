"""The project's own lint, test and build, found by rules and run in its sandbox."""

from __future__ import annotations

import json
import re
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sandboxes.models import Command, Sandbox
from sandboxes.output import replay
from sandboxes.output.terminal_codes import without_codes
from sandboxes.services import commands, files, waiting
from vibe.data.database import in_thread
from vibe.refusal import Refusal

ALL_SECONDS, EACH_SECONDS = 240.0, 120.0
SCRIPTS = ("lint", "test", "build")
MANIFEST_BYTES = 256 * 1024
TAIL_BYTES, TAIL_LINES = 8_000, 6
# What npm writes into a new project.
NO_TEST = "no test specified"
# These write into the directory from which the development server serves.
DISTURBS = re.compile(r"\b(next|nuxt|nuxi) build\b")
# A test runner that waits for changes unless it is told not to.
RUNNERS = {"vitest": "vitest run", "jest --watch": "jest", "vitest --watch": "vitest run"}
# Tests that nothing here can run are not known to pass.
TESTS = (
    "if {python} -c 'import pytest' 2>/dev/null; then {python} -m pytest -q -x "
    "-p no:cacheprovider; elif grep -rqs 'import unittest' --include='*test*.py' .; "
    "then {python} -m unittest discover -p '*test*.py'; "
    "else echo 'pytest is not installed in the sandbox.'; exit 127; fi"
)
MISSING = (126, 127)
NO_TESTS_COLLECTED = 5  # of pytest
MISSING_WORDS = re.compile(r"No module named (pytest|ruff)|command not found|not found$", re.M)


@dataclass(frozen=True)
class Chore:
    """What is run, and how people know it."""

    name: str
    shell: str


async def checked(sandbox: Sandbox) -> AsyncIterator[dict[str, Any]]:
    """Run the project's own checks one after the other; a step for each."""
    until = time.monotonic() + ALL_SECONDS
    for chore in await in_thread(chores, sandbox):
        left = until - time.monotonic()
        if left < 5:
            yield _step(chore, "unsure", f"No time was left of {ALL_SECONDS:.0f} s.", 0.0)
            continue
        yield await _run(sandbox, chore, min(left, EACH_SECONDS))


def chores(sandbox: Sandbox) -> list[Chore]:
    """What the files at the top of the workspace say can be run."""
    try:
        listed, _ = files.list_files(sandbox, depth=1, everything=True)
    except Refusal:
        return []
    names = {entry.path: entry.kind for entry in listed}
    return [*_of_node(sandbox, names), *_of_python(sandbox, names), *_of_go(names)]


def _of_node(sandbox: Sandbox, names: dict[str, str]) -> list[Chore]:
    if "package.json" not in names or "node_modules" not in names:
        return []
    scripts: Any = None
    with suppress(Refusal, ValueError, AttributeError):
        scripts = json.loads(files.read_file(sandbox, "package.json", MANIFEST_BYTES)).get(
            "scripts"
        )
    if not isinstance(scripts, dict):
        return []
    found = []
    for name in SCRIPTS:
        script = scripts.get(name)
        if not isinstance(script, str) or NO_TEST in script or DISTURBS.search(script):
            continue
        runner = RUNNERS.get(script.strip())
        shell = f"npx --no-install {runner}" if runner else f"npm run --silent {name}"
        found.append(Chore(f"npm run {name}", shell))
    return found


def _of_python(sandbox: Sandbox, names: dict[str, str]) -> list[Chore]:
    settings = ""
    for name in ("pyproject.toml", "setup.cfg", "tox.ini"):
        if name in names:
            with suppress(Refusal):
                settings += files.read_file(sandbox, name, MANIFEST_BYTES).decode(
                    "utf-8", "replace"
                )
    python = "python3"
    for place in (".venv", "venv"):
        if place in names:
            python = f"{place}/bin/python"
            break
    found = []
    if "ruff.toml" in names or ".ruff.toml" in names or "[tool.ruff" in settings:
        found.append(Chore("ruff check", f"{python} -m ruff check . || ruff check ."))
    if "manage.py" in names:
        found.append(Chore("manage.py check", f"{python} manage.py check"))
    has_tests = any(re.fullmatch(r"test_.+\.py|.+_test\.py|conftest\.py", one) for one in names)
    if has_tests or "pytest.ini" in names or "[tool.pytest" in settings or "tests" in names:
        found.append(Chore("tests", TESTS.format(python=python)))
    return found


def _of_go(names: dict[str, str]) -> list[Chore]:
    return [Chore("go vet", "go vet ./..."), Chore("go test", "go test ./...")] * (
        "go.mod" in names
    )


async def _run(sandbox: Sandbox, chore: Chore, seconds: float) -> dict[str, Any]:
    began = time.monotonic()
    try:
        started = await in_thread(
            lambda: commands.run(
                sandbox,
                "sh",
                ["-c", chore.shell],
                env={"CI": "1", "PYTHONDONTWRITEBYTECODE": "1"},
                timeout=seconds,
            )
        )
        ended = await waiting.finished_within(started, seconds + 15)
    except Refusal as refusal:
        return _step(chore, "unsure", str(refusal), time.monotonic() - began)
    said = await in_thread(_tail, ended)
    taken = time.monotonic() - began
    if not ended.is_finished or ended.cause == Command.Cause.TIMED_OUT:
        return _step(chore, "unsure", f"Not done within {seconds:.0f} s. {said}", taken)
    if ended.cause != Command.Cause.EXITED:
        return _step(chore, "unsure", f"{ended.outcome}. {said}", taken)
    if ended.exit_code == 0:
        return _step(chore, "ok", said.rpartition("\n")[2], taken)
    absent = ended.exit_code in MISSING or MISSING_WORDS.search(said)
    if absent:
        lacks = "It cannot be run here: " + said.rpartition("\n")[2]
        return _step(chore, "unsure" if "test" in chore.name else "note", lacks, taken)
    if chore.name == "tests" and ended.exit_code == NO_TESTS_COLLECTED:
        return _step(chore, "note", "There is no test in it.", taken)
    return _step(chore, "failed", f"Exit {ended.exit_code}.\n{said}", taken)


def _tail(command: Command) -> str:
    said = without_codes(replay.text(command, max_bytes=TAIL_BYTES, tail=True))
    lines = [line[:200] for line in said.split("\n") if line.strip()]
    return "\n".join(lines[-TAIL_LINES:])


def _step(chore: Chore, outcome: str, detail: str, seconds: float) -> dict[str, Any]:
    return {"what": chore.name, "outcome": outcome, "detail": detail, "seconds": round(seconds, 2)}
