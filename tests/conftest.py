"""The ground that every test stands on: a private data directory and settings of nobody.

Set before Django's settings are read, one per pytest process (so one per xdist worker).
"""

from __future__ import annotations

import gc
import os
import shutil
import socket
import tempfile
from collections import defaultdict
from pathlib import Path

import django
import pytest
from django.conf import settings

from tests.fixtures.shield import raise_shield

pytest_plugins = [
    "tests.fixtures.browsers",
    "tests.fixtures.database",
    "tests.fixtures.interpreter",
    "tests.fixtures.migrated",
    "tests.fixtures.people",
    "tests.fixtures.running",
    "tests.fixtures.valkey",
    "tests.fixtures.worker",
]

# Markers of what takes minutes: run by name, as CI does.
ON_DEMAND = ("benchmark", "battery")
# Seconds after which a test hangs, for those that have longer than pyproject.toml gives.
TIMEOUTS = {"battery": 4000, "benchmark": 1800, "slow": 400}
# Seconds of a test with this marker or fixture, the dearest first.
TAKES = {"slow": 6.0, "browser": 2.0, "sandbox_worker": 0.8, "web": 0.3, "sandbox": 0.2, "db": 0.05}
# New objects before the collector looks through the youngest, and how often it takes older ones.
COLLECTED_AFTER = (10_000, 10, 10)
# The first is the same engine without a browser's windows, which nobody sees here and which take
# two thirds of the time that a page takes.
CHROMIUM_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def _private_environment() -> Path:
    """Point the settings to a fresh directory and to nothing of the person's."""
    if settings.configured:
        pytest.exit("Unset DJANGO_SETTINGS_MODULE: the tests choose a data directory first.", 2)
    raise_shield()
    # Of its own, also where xdist's workers inherit that of the process which started them.
    outer = tempfile.tempdir = os.environ.get("VIBE_TEST_OUTER_TMPDIR") or tempfile.gettempdir()
    os.environ["VIBE_TEST_OUTER_TMPDIR"] = outer
    directory = Path(tempfile.mkdtemp(prefix="vibe-test-"))
    # Platforms with long data directories leave one for their sockets there, which goes with ours.
    directory.chmod(0o711)
    (directory / "tmp").mkdir()
    (directory / "tmp").chmod(0o1777)
    os.environ["TMPDIR"] = str(directory / "tmp")
    (directory / "static").mkdir()  # its absence is a warning in every test that asks for a page
    os.environ["VIBE_DATA_DIR"] = str(directory)
    # A browser for each turn that leaves a server behind; the tests of checks ask for them.
    os.environ["VIBE_CHECK_TURNS"] = "0"
    os.environ["DJANGO_SETTINGS_MODULE"] = "vibe.settings"
    return directory


gc.set_threshold(*COLLECTED_AFTER)  # before thousands of tests are collected
DIRECTORY = _private_environment()
# Named in pyproject.toml, the settings would be read before this file is.
django.setup()
# Inherited by xdist's workers, it would have them read the settings before their own directory.
del os.environ["DJANGO_SETTINGS_MODULE"]
# The real hasher takes half a second of a core on purpose, once per user that a test makes. The
# platforms in subprocesses keep it.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_collection_finish() -> None:
    """Thousands of tests stay to the end: the collector need not look through them again and again.
    What a test leaves it still finds."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(DIRECTORY, ignore_errors=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Benchmarks and batteries only when asked for; what this machine cannot do is skipped with
    the reason; who takes long may. The files that take longest come first: one of them at the end
    would run alone."""
    seconds: dict[Path, float] = defaultdict(float)
    for item in items:
        seconds[item.path] += _guessed(item)
    items.sort(key=lambda item: -seconds[item.path])
    for item in items:
        limits = [TIMEOUTS[name] for name in TIMEOUTS if item.get_closest_marker(name)]
        if limits and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(max(limits)))
    for marker in ON_DEMAND:
        if marker in config.option.markexpr:
            continue
        dropped = [item for item in items if marker in item.keywords]
        if dropped and len(dropped) < len(items):
            config.hook.pytest_deselected(items=dropped)
            items[:] = [item for item in items if marker not in item.keywords]
    if chromium() is None:
        reason = "needs Chromium (Debian and Ubuntu: apt install chromium)"
        for item in items:
            if "browser" in item.keywords:
                item.add_marker(pytest.mark.skip(reason=reason))


def _guessed(item: pytest.Item) -> float:
    """Seconds that a test like this one takes, by what it uses."""
    used = {*item.keywords, *getattr(item, "fixturenames", ())}
    return next((seconds for name, seconds in TAKES.items() if name in used), 0.01)


def chromium() -> str | None:
    return next((found for name in CHROMIUM_NAMES if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Path of a Chromium for Playwright's `executable_path`."""
    found = chromium()
    if found is None:
        pytest.skip("needs Chromium")
    return found


@pytest.fixture
def free_port() -> int:
    """A TCP port of 127.0.0.1 that nothing listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
