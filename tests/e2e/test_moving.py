"""The programs of docs/moving.md run as they stand there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fixtures.platform import ROOT, Client, Platform

pytestmark = pytest.mark.slow
PAGE = (ROOT / "docs" / "moving.md").read_text(encoding="utf-8")


def block(language: str, beginning: str) -> str:
    blocks = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    (found,) = (text for text in blocks if text.startswith(beginning))
    return found


def test_the_program_for_people_who_come_from_e2b(platform: Platform, program: Client) -> None:
    code = block("python", "import json").replace("http://127.0.0.1:8000", platform.url)
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "VIBE_API_KEY": program.key},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    exit_code, url = done.stdout.split()
    assert exit_code == "0"
    assert url.startswith("http://3000-")


def test_the_commands_for_people_who_come_from_daytona(
    platform: Platform, program: Client, tmp_path: Path
) -> None:
    lines = block("sh", "export VIBE_API_URL").splitlines()[1:]
    tool = tmp_path / "vibe"
    tool.write_text(
        f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m vibe.client.main "$@"\n'
    )
    tool.chmod(0o755)
    environment = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "VIBE_API_URL": platform.url,
        "VIBE_API_KEY": program.key,
    }
    script = "\n".join(["set -e", *lines])
    done = subprocess.run(
        ["sh", "-c", script], env=environment, capture_output=True, text=True, timeout=180
    )
    assert done.returncode == 0, done.stderr
    name, answer, command, url = done.stdout.split()
    assert (name, answer) == ("demo", "42")
    assert command.startswith("cmd_")
    assert url.startswith("http://3000-")
