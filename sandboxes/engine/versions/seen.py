"""What was last seen of each file, so that only what has changed since is read again."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FORM = 1
# Clocks of file systems tick every few milliseconds: what changed so lately may change once more
# without another time.
TICK = 50_000_000


@dataclass
class Seen:
    """By path: [size, mtime, ctime, inode, mode of git, content's id, permissions, digest of the
    rules]. `tree` holds exactly these files."""

    tree: str = ""
    files: dict[str, list[Any]] = field(default_factory=dict)
    folders: dict[str, str] = field(default_factory=dict)  # digest of the rules, by path
    facts: str = ""

    @classmethod
    def load(cls, path: Path) -> Seen:
        """What was saved; nothing when that cannot be read."""
        try:
            data = json.loads(os.fsdecode(path.read_bytes()))
        except (OSError, ValueError):
            return cls()
        if not isinstance(data, dict) or data.get("form") != FORM:
            return cls()
        return cls(data["tree"], data["files"], data["folders"], data["facts"])

    def save(self, path: Path) -> None:
        data = {"form": FORM, **self.__dict__}
        fresh = path.with_suffix(".new")
        fresh.write_bytes(os.fsencode(json.dumps(data, ensure_ascii=False)))
        fresh.replace(path)


def mark(info: os.stat_result) -> list[int]:
    """What changes whenever the file does."""
    return [info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino]
