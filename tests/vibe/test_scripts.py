"""The page's pure modules, by Node's own test runner."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

from vibe.templatetags.markup import duration

BASE = Path(settings.BASE_DIR)
# Since then Node sees by itself that a .js file is a module.
OLDEST = (20, 19)


@pytest.fixture(scope="module")
def node() -> str:
    found = shutil.which("node")
    if found is None:
        pytest.skip("needs Node: it runs the tests of the page's modules")
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
    version = tuple(int(part) for part in re.findall(r"\d+", said)[:2])
    if version < OLDEST:
        pytest.skip(f"needs Node {OLDEST[0]}.{OLDEST[1]}; this is {said.strip()}")
    return found


@pytest.mark.parametrize(
    "file", sorted((BASE / "tests/js").glob("*.test.mjs")), ids=lambda f: f.stem
)
def test_a_module_passes_its_tests(node: str, file: Path) -> None:
    done = subprocess.run(
        [node, "--test", "--test-reporter=tap", str(file)],
        cwd=BASE, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^# pass [1-9]", done.stdout, re.MULTILINE)


def test_the_page_says_durations_as_the_server_does(node: str) -> None:
    script = "import { duration } from './static/js/units.js'; console.log(duration(%s))"
    for seconds in (0, 0.06, 0.42, 9.94, 12.4, 59.4, 180, 185, 7200, 7800):
        command = [node, "--input-type=module", "-e", script % seconds]
        said = subprocess.run(command, cwd=BASE, capture_output=True, text=True, check=True)
        assert said.stdout.strip() == duration(seconds)
