"""The released clients, installed once per machine, and a platform that they are pointed at."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fixtures import packages
from tests.fixtures.platform import Platform

NODE_PACKAGES = {
    "sb1": "npm:@vercel/sandbox@1.10.2",
    "sb2": "npm:@vercel/sandbox@2.9.2",
    "sb3": "npm:@vercel/sandbox@3.5.0",
    "sandbox": "4.5.0",
}
PYTHON_PACKAGE = "vercel==0.12.1"
HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def platform(shared_platform: Platform) -> Platform:
    shared_platform.until_ready()  # a file before may have killed some of its processes
    return shared_platform


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """A directory in which the JavaScript packages can be imported by the names above."""
    words = (f"{name}@{version}" for name, version in NODE_PACKAGES.items())
    return packages.from_npm("clients/node", *words)


@pytest.fixture(scope="session")
def python_packages() -> Path:
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    argv = (sys.executable, "-m", "pip", "install", "--quiet", "--target", ".", PYTHON_PACKAGE)
    return packages.install(f"clients/{version}", *argv)


@pytest.fixture(scope="session")
def environment(platform: Platform) -> dict[str, str]:
    """What `env vercel` prints, as a shell would set it."""
    platform.manage("create_api_key", "clients", "--create-user")
    lines = platform.manage("env", "vercel", "clients", "--url", platform.url)
    assert all(re.match(r"export \w+=", line) for line in lines.splitlines())
    clean = {name: value for name, value in os.environ.items() if not name.startswith("VERCEL_")}
    shown = subprocess.run(
        ["sh", "-c", f"{lines}\nenv"], env=clean, capture_output=True, text=True, check=True
    ).stdout
    names = {shlex.split(line)[1].partition("=")[0] for line in lines.splitlines()}
    pairs = (line.partition("=") for line in shown.splitlines())
    return {**clean, **{name: value for name, _, value in pairs if name in names}}


def run(
    argv: list[str], environment: dict[str, str], cwd: Path | None = None, *, both: bool = False
) -> str:
    """What a client's program prints, with `both` as errors too; it must succeed."""
    done = subprocess.run(
        argv, env=environment, cwd=cwd, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout + done.stderr if both else done.stdout
