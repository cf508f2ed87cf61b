"""The note in `.venv` that says which lock files are installed there, for which interpreter."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path


def python_of(venv: Path) -> Path:
    return venv / "bin" / "python"


def digest(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def pins(lock: Path) -> set[str]:
    """What a lock file asks for: name, version and the platforms that it is for."""
    lines = lock.read_text(encoding="utf-8").splitlines()
    asked = (line.rstrip("\\ ") for line in lines if not line.startswith((" ", "#")))
    return {line for line in asked if line}


class Stamp:
    """`{"python": real path of the interpreter, "locks": {lock file name: sha256}}` as JSON.

    Written only after an installation has ended, so one that was interrupted leaves the lock
    unrecorded and the next start goes on with it.
    """

    def __init__(self, venv: Path) -> None:
        self.venv = venv
        self.file = venv / "vibe-stamp.json"

    def exists(self) -> bool:
        return self.file.is_file()

    def usable(self) -> bool:
        """Whether the environment has an interpreter, and still the one it was made with."""
        python = python_of(self.venv)
        recorded = self._read().get("python")
        return python.exists() and recorded in (None, os.path.realpath(python))

    def matches(self, lock: Path) -> bool:
        return self.usable() and self._read().get("locks", {}).get(lock.name) == digest(lock)

    def begin(self) -> None:
        """Record that the environment is ours, and for now incomplete."""
        self._write({})

    def finish(self, lock: Path) -> None:
        """Record `lock` as installed, and with it the locks beside it that ask for no more: after
        `test`, `up` has nothing to install."""
        inside = pins(lock)
        beside = (one for one in lock.parent.glob("*.lock") if pins(one) <= inside)
        self._write({
            **self._read().get("locks", {}), **{one.name: digest(one) for one in (lock, *beside)}
        })  # fmt: skip

    def _read(self) -> dict:
        try:
            found = json.loads(self.file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _write(self, locks: dict[str, str]) -> None:
        content = {"python": os.path.realpath(python_of(self.venv)), "locks": locks}
        fresh = self.file.with_suffix(".new")
        fresh.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        fresh.replace(self.file)
