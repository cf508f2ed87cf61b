"""A workspace with its versions, as tests of the engine change and look at it."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandboxes.engine.versions import process
from sandboxes.engine.versions.bounds import Bounds
from sandboxes.engine.versions.process import Place


@dataclass
class Workspace:
    """`path` is what a sandbox would see; `place` says where its versions lie."""

    place: Place
    count: int = 0

    @classmethod
    def below(cls, top: Path) -> Workspace:
        (top / "workspace").mkdir()
        return cls(Place(top / "versions", top / "workspace", top / ".restore"))

    @property
    def path(self) -> Path:
        return self.place.workspace

    def write(self, **contents: str) -> None:
        """Files by name, with two underscores for a dot and one more for a slash."""
        for name, text in contents.items():
            path = self.path / name.replace("___", "/").replace("__", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def record(self, *, always: bool = True, base: str = "", **bounds: int) -> dict[str, Any]:
        self.count += 1
        name = f"v{self.count}"
        return process.record(self.place, name, base=base, always=always, bounds=Bounds(**bounds))

    def restore(self, version: dict[str, Any], *, keep_data: bool = False) -> dict[str, Any]:
        self.count += 1
        made = process.restore(
            self.place,
            version["commit"],
            name=f"v{self.count}",
            before=f"b{self.count}",
            base="",
            keep_data=keep_data,
            bounds=Bounds(),
        )
        process.settle(self.place)
        return made

    def paths(self, version: dict[str, Any]) -> set[str]:
        listed = self.git("ls-tree", "-r", "--name-only", version["commit"]).split()
        return {path.removeprefix("files/") for path in listed if path != "facts"}

    def git(self, *arguments: str) -> str:
        environment = {"GIT_DIR": str(self.place.repository), "PATH": os.environ["PATH"]}
        return subprocess.check_output(["git", *arguments], env=environment, text=True)

    def described(self) -> list[str]:
        """Every entry: kind and mode, content or target."""
        found = []
        for path in sorted(self.path.rglob("*")):
            mode = path.lstat().st_mode
            content = os.readlink(path) if path.is_symlink() else ""
            if stat.S_ISREG(mode):
                content = path.read_bytes().hex()
            shown = "" if path.is_symlink() else oct(mode)
            found.append(json.dumps([str(path.relative_to(self.path)), shown, content]))
        return found
