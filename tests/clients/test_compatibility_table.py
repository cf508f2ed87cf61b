"""docs/vercel-compatibility.md speaks of every public method of the released packages."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clients.conftest import HERE, run
from tests.clients.table import CLASSES, INTERNAL, cli_rows, rows

PYTHON = f"""
import inspect, sys
sys.path.insert(0, sys.argv[1])
from vercel import sandbox
from vercel.sandbox import sync
for kind in {CLASSES}:
    for prefix, module in (("", sandbox), ("Sync", sync)):
        found = getattr(module, prefix + kind)
        for method in dir(found):
            if not method.startswith("_") and inspect.isfunction(getattr(found, method)):
                print(f"{{kind}}.{{method}}")
for module in (sandbox, sync):
    print(*[name for name in module.__all__ if name[0].islower() and name != "sync"])
"""


def test_the_table_says_of_each_method_whether_it_works() -> None:
    assert len(rows("JavaScript")) > 80 and len(rows("Python")) > 60
    assert set(cli_rows().values()) <= {"yes", "no"}


@pytest.mark.battery
@pytest.mark.parametrize("release", ["sb1", "sb2", "sb3"])
def test_every_method_of_the_javascript_client_is_in_the_table(
    release: str, node_modules: Path, environment: dict[str, str]
) -> None:
    program = str(HERE / "methods.mjs")
    found = run(["node", program, str(node_modules), release], environment).split()
    public = {name for name in found if name.partition(".")[2] not in INTERNAL}
    assert len(public) > 30 and public - set(rows("JavaScript")) == {"CommandFinished.wait"}


@pytest.mark.battery
def test_every_method_of_the_python_client_is_in_the_table(
    python_packages: Path, environment: dict[str, str]
) -> None:
    found = run([sys.executable, "-c", PYTHON, str(python_packages)], environment).split()
    # The synchronous terminal closes where the other one acloses.
    public = set(found) - {"InteractiveSession.close"}
    assert len(public) > 60 and public - set(rows("Python")) == set()


@pytest.mark.battery
def test_every_command_of_the_command_line_is_in_the_table(
    node_modules: Path, environment: dict[str, str]
) -> None:
    cli = str(node_modules / "node_modules" / ".bin" / "sandbox")

    def commands(*words: str) -> list[str]:
        done = subprocess.run(
            [cli, *words, "--help"], env=environment, capture_output=True, text=True, timeout=60
        )
        listed = (done.stdout + done.stderr).partition("Commands:")[2].partition("Examples:")[0]
        return re.findall(r"^    ([a-z-]+(?: \| [a-z-]+)*)", listed, re.MULTILINE)

    said = set(cli_rows())
    for names in commands():
        below = commands(names.split(" | ")[0])
        found = [f"{names.split(' | ')[0]} {one}" for one in below] or [names]
        for one in found:
            first, _, rest = one.partition(" ")
            choices = {f"{first} {word}" for word in rest.split(" | ")} if below else set()
            choices = choices or set(one.split(" | "))
            assert choices & said or first in said, f"{one} is in no row"
