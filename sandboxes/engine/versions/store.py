"""The repository of one sandbox's versions: a git that nobody else configures.

A version is a commit without parents, at the ref `refs/versions/NAME`. Its tree holds `files`, the
workspace, and `facts`, a JSON object of what git does not keep: {"modes": {path: mode}, "folders":
{path: mode}}.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

FILES, FACTS = "files", "facts"
LINK = "120000"
SECONDS = 60.0
OPTIONS = {
    "core.bare": "true",
    "core.hooksPath": "/dev/null",
    "core.attributesFile": "/dev/null",
    "core.excludesFile": "/dev/null",
    # Names that other systems cannot have are names all the same.
    "core.protectNTFS": "false",
    "core.protectHFS": "false",
    "core.quotePath": "false",
    "core.compression": "1",
    "gc.auto": "0",
    "fastimport.unpackLimit": "1",
    "pack.threads": "1",
    "pack.windowMemory": "64m",
    "core.bigFileThreshold": "16m",
}


class StoreError(Exception):
    """What git said instead of doing it."""


class Blob(NamedTuple):
    """A file of a version: git's mode (100644, 100755, 120000) and the content's id."""

    mode: str
    sha: str


class Store:
    """`path` is the repository; `git` the program."""

    def __init__(self, path: Path | str, git: str) -> None:
        self.path = Path(path)
        self.git = git

    def make(self) -> None:
        """Make the repository unless it is there."""
        if not (self.path / "HEAD").exists():
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.run("init", "--quiet", "--bare", "--template=", str(self.path))

    def command(self, *arguments: str) -> list[str]:
        options = [word for pair in OPTIONS.items() for word in ("-c", "=".join(pair))]
        return [self.git, *options, *arguments]

    @property
    def environment(self) -> dict[str, str]:
        """Nothing of the operator's or the system's configuration."""
        return {
            "GIT_DIR": str(self.path),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_SYSTEM": "/dev/null",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_OPTIONAL_LOCKS": "0",
            "HOME": "/nonexistent",
            "LC_ALL": "C",
            "PATH": os.path.dirname(self.git),
        }

    def start(self, *arguments: str, **options: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self.command(*arguments),
            stdin=options.get("stdin", subprocess.DEVNULL),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=self.environment,
            cwd="/",
        )

    def run(self, *arguments: str, given: bytes = b"", seconds: float = SECONDS) -> bytes:
        """What git writes. Raises StoreError, also when it takes longer."""
        try:
            done = subprocess.run(
                self.command(*arguments),
                input=given,
                capture_output=True,
                env=self.environment,
                cwd="/",
                timeout=seconds,
            )
        except subprocess.TimeoutExpired as error:
            raise StoreError("git took too long.") from error
        if done.returncode != 0:
            raise StoreError(done.stderr.decode("utf-8", "replace").strip()[:500] or "git failed.")
        return done.stdout

    def has(self, commit: str) -> bool:
        try:
            self.run("cat-file", "-e", f"{commit}^{{tree}}")
        except StoreError:
            return False
        return True

    def files_of(self, commit: str) -> dict[str, Blob]:
        """The files of a version by path. Raises StoreError."""
        found = {}
        tree = f"{commit}:{FILES}"
        names = self.run("ls-tree", "--name-only", commit)
        if FILES.encode() not in names.split():
            return {}
        for line in self.run("ls-tree", "-r", "-z", "--full-tree", tree).split(b"\0"):
            if line:
                head, _, path = line.partition(b"\t")
                mode, _, sha = head.decode().split(" ")
                found[os.fsdecode(path)] = Blob(mode, sha)
        return found

    def facts_of(self, commit: str) -> bytes:
        return self.run("cat-file", "blob", f"{commit}:{FACTS}")

    def contents(self, ids: list[str]) -> Iterator[bytes]:
        """The contents with these ids, in their order. Raises StoreError."""
        if not ids:
            return
        process = self.start("cat-file", "--batch", stdin=subprocess.PIPE)
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            for sha in ids:
                process.stdin.write(sha.encode() + b"\n")
                process.stdin.flush()
                head = process.stdout.readline().split()
                if len(head) != 3 or head[1] != b"blob":
                    raise StoreError("A file of the version is missing in the repository.")
                content = process.stdout.read(int(head[2]))
                process.stdout.read(1)
                yield content
        except BrokenPipeError as error:
            raise StoreError("git ended too early.") from error
        finally:
            process.kill()
            process.stdin.close()
            process.stdout.close()
            process.wait()
