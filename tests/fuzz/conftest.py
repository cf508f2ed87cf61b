"""A platform with a little of everything in it, and the fuzzer in an environment of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.platform import Client, Platform
from tests.fixtures.running import running

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "vibe-tests" / "fuzz"
FUZZER = "schemathesis==4.32.5"


@pytest.fixture(scope="session")
def platform() -> Iterator[Platform]:
    """Its own: what the fuzzer makes stays."""
    with running(
        VIBE_API_RATE="0",
        VIBE_SANDBOXES_PER_USER="300",
        VIBE_SANDBOXES_KEPT_PER_USER="0",
        VIBE_COMMANDS_PER_USER="0",
    ) as started:
        yield started


@pytest.fixture(scope="session")
def fuzzer() -> Path:
    """The fuzzer's program; what it needs does not go with what the platform needs."""
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    home = CACHE / f"{FUZZER}-{version}"
    program = home / "bin" / "schemathesis"
    if not program.exists():
        shutil.rmtree(home, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", home], check=True, timeout=120)
        pip = [home / "bin" / "python", "-m", "pip", "install", "--quiet", FUZZER]
        done = subprocess.run(pip, capture_output=True, text=True, timeout=300)
        if done.returncode:
            shutil.rmtree(home, ignore_errors=True)
            pytest.skip(f"the package index is out of reach: {done.stderr.strip()[-200:]}")
    return program


@pytest.fixture(scope="session")
def key(platform: Platform) -> str:
    return platform.manage("create_api_key", "fuzz", "--create-user")


@pytest.fixture(scope="session")
def ids(platform: Platform, key: str) -> dict[str, list[str]]:
    """By the names of path parameters: what there is."""
    client = Client(platform, key)
    box: dict[str, Any] = client("POST", "sandboxes", {"name": "fuzzed", "wait": 60})
    session = box["session"]["id"]
    command = client(
        "POST", f"sandboxes/{box['id']}/commands", {"command": "ls", "args": ["/"], "wait": 30}
    )
    # It ends after a while, so that whoever follows it comes to an end too.
    waiting = {"command": "cat", "stdin": True, "timeout": 10}
    typed = client("POST", f"sandboxes/{box['id']}/commands", waiting)
    terminal = client("POST", f"sandboxes/{box['id']}/terminals", {})
    snapshot = client("POST", f"sandboxes/{box['id']}/snapshots", {"wait": 60})
    drive = client("POST", "drives", {"name": box["name"]})
    conversation = client("POST", "conversations", {"title": "fuzzed"})
    turn = client("POST", f"conversations/{conversation['id']}/turns", {"message": "help"})
    return {
        "sandbox_id": [box["id"], box["name"]],
        "name": [box["name"]],
        "session_id": [session],
        "command_id": [command["id"], typed["id"]],
        "drive_id": [drive["id"]],
        "terminal_id": [terminal["id"]],
        "snapshot_id": [snapshot["id"]],
        "conversation_id": [conversation["id"]],
        "turn_id": [turn["id"]],
    }


@pytest.fixture(scope="session")
def environment(ids: dict[str, list[str]]) -> dict[str, str]:
    """Of the fuzzer's process."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    hooks = Path(__file__).parent / "steering.py"
    return {
        **kept,
        "NO_COLOR": "1",
        "VIBE_FUZZ_IDS": json.dumps(ids),
        "PYTHONPATH": str(hooks.parent),
        "SCHEMATHESIS_HOOKS": hooks.stem,
    }
