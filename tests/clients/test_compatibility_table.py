"""docs/vercel-compatibility.md speaks of every public method, and says yes where a test does."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.clients.conftest import HERE, run

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "vercel-compatibility.md"
CLASSES = ("Command", "Drive", "FileSystem", "Sandbox", "Snapshot")
# Not in the packages' type declarations, or only handed on by a method that is in the table.
INTERNAL = {
    "ensureClient", "getCachedOutput", "resume", "doResume", "withResume", "currentSession",
    "waitForStopAndResume", "resolveDefaultUser", "getDefaultUser",
}  # fmt: skip
PYTHON = """
import sys
sys.path.insert(0, sys.argv[1])
from vercel.sandbox import sync
for name in sync.__all__:
    found = getattr(sync, name)
    if name[0].islower():
        print(name)
    elif name in ("SyncSandbox", "SyncProcess", "SyncSandboxFilesystem", "SyncSnapshot",
                  "SyncDrive", "SyncSandboxRuntimeSession"):
        for method in vars(found) | {k: v for b in found.__mro__ for k, v in vars(b).items()}:
            if not method.startswith("_") and callable(getattr(found, method)):
                print(f"{name}.{method}")
"""


def table() -> dict[str, str]:
    rows = re.findall(r"^\| ([A-Za-z_.]+) \| (yes|no|endpoint) \|", DOCUMENT.read_text(), re.M)
    return dict(rows)


def test_what_is_said_to_work_is_driven_by_a_program() -> None:
    programs = (HERE / "javascript.mjs").read_text() + (HERE / "python_client.py").read_text()
    cli = (HERE / "test_official_clients.py").read_text()
    for name, works in table().items():
        if works == "yes":
            method = name.rpartition(".")[2]
            driven = re.search(rf"\b{method}\b", programs) or f'sandbox("{name}"' in cli
            assert driven, f"{name} is said to work, and no program tries it"


@pytest.mark.battery
def test_every_method_of_the_javascript_client_is_in_the_table(
    node_modules: Path, environment: dict[str, str]
) -> None:
    program = str(HERE / "methods.mjs")
    found = run(["node", program, str(node_modules), "sb3"], environment).split()
    public = [
        name for name in found
        if name.partition(".")[0] in CLASSES and name.partition(".")[2] not in INTERNAL
    ]  # fmt: skip
    assert len(public) > 50 and set(public) - set(table()) == set()


@pytest.mark.battery
def test_every_method_of_the_python_client_is_in_the_table(
    python_packages: Path, environment: dict[str, str]
) -> None:
    found = run([sys.executable, "-c", PYTHON, str(python_packages)], environment).split()
    assert len(found) > 40 and set(found) - set(table()) == set()
