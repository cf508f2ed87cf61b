"""From the command to a platform that is ready: on a bare checkout, and every time after."""

from __future__ import annotations

import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.benchmarks import numbers
from tests.fixtures.platform import ROOT, Platform

pytestmark = pytest.mark.benchmark
DJANGO = "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'vibe.settings'; import django; django.setup()"  # noqa: E501 - one line of code
INSTALL_WITHIN = 600.0


@pytest.fixture
def directory() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="vibe-start-"))
    yield made
    shutil.rmtree(made, ignore_errors=True)


def checkout(target: Path) -> Path:
    """What git has of this repository, without an environment and without data."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    for name in filter(None, listed.stdout.decode().split("\0")):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target / name)
    return target


def bare_interpreter() -> str:
    """The interpreter that this environment was made of, as a person has it on a new machine."""
    return os.path.realpath(Path(sys.base_prefix) / "bin" / "python3")


def test_the_first_start(directory, free_port, table):
    """With an empty cache of packages, so that each one is fetched."""
    place = checkout(directory / "vibe")
    environment = {
        "PATH": os.defpath + ":/usr/local/bin", "HOME": str(directory / "home"),
        "XDG_CACHE_HOME": str(directory / "cache"), "PIP_NO_CACHE_DIR": "1", "UV_NO_CACHE": "1",
        **{name: value for name, value in os.environ.items()
           if name.lower().endswith("_proxy") or name.startswith(("PIP_", "UV_", "SSL_"))},
    }  # fmt: skip
    (directory / "home").mkdir()
    # What tells pip of a mirror or a proxy belongs to the machine, not to the home directory.
    for name in (".config/pip", ".pip"):
        if (found := Path.home() / name).is_dir():
            shutil.copytree(found, directory / "home" / name)
    start = time.perf_counter()
    words = [bare_interpreter(), "manage.py", "up", "--no-browser", "--port", str(free_port)]
    lines = []
    with subprocess.Popen(
        words, cwd=place, env=environment, text=True, errors="replace",
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        try:
            for line in process.stdout:
                lines.append(line)
                if line.startswith("Vibe is ready"):
                    break
            took = time.perf_counter() - start
        finally:
            process.terminate()
            process.wait(60)
    text = "".join(lines)
    if "Vibe is ready" not in text:
        table.add(numbers.FIRST_UP, "not measured", reference=text.strip()[-120:])
        return
    setting_up = re.search(r"Set up in (\d+) s", text)
    assert setting_up, text
    table.compare(numbers.FIRST_UP, took, "s", "packages of it", float(setting_up[1]))


def test_a_later_start(directory, table):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    times, bare = [], []
    for _ in range(4):
        start = time.perf_counter()
        platform = Platform(directory, port)
        try:
            platform.wait_for("Vibe is ready")
            times.append(time.perf_counter() - start)
        finally:
            platform.stop()
        start = time.perf_counter()
        environment = {**os.environ, "VIBE_DATA_DIR": str(directory)}
        subprocess.run([sys.executable, "-c", DJANGO], cwd=ROOT, env=environment, check=True)
        bare.append(time.perf_counter() - start)
    table.compare(
        numbers.LATER_UP, statistics.median(times[1:]), "s", "one Django", statistics.median(bare)
    )
