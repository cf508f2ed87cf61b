"""Writing a version into the repository by `git fast-import`, which reads nothing but our pipe."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping

from .store import FACTS, FILES, Blob, Store, StoreError

WHO = "Vibe <versions@vibe.invalid>"


class Import:
    """One run of it: contents as they are found, at last one commit."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._process: subprocess.Popen[bytes] | None = None

    def content(self, data: bytes) -> None:
        """Store a file's content."""
        self._write(b"blob\ndata %d\n" % len(data), data, b"\n")

    def commit(
        self,
        name: str,
        *,
        base: str,
        changed: Mapping[str, Blob],
        gone: Iterable[str],
        facts: bytes,
        when: int,
    ) -> tuple[str, str]:
        """Make the version `name` of the files of the tree `base` (empty: of none) with these
        changes; the commit and the tree of its files. Raises StoreError."""
        lines = [f"commit refs/versions/{name}", "mark :1", f"committer {WHO} {when} +0000"]
        self._write("\n".join([*lines, f"data {len(name)}", name, ""]).encode())
        if base:
            self._write(f"M 040000 {base} {FILES}\n".encode())
        for path in gone:
            self._write(b"D ", _quoted(path), b"\n")
        for path, blob in changed.items():
            self._write(f"M {blob.mode} {blob.sha} ".encode(), _quoted(path), b"\n")
        self._write(f"M 100644 inline {FACTS}\ndata {len(facts)}\n".encode(), facts, b"\n")
        self._write(f'ls "{FILES}"\n\nget-mark :1\ndone\n'.encode())
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.close()
        except BrokenPipeError:
            pass
        tree = process.stdout.readline().split()
        commit = process.stdout.readline().decode().strip()
        process.stdout.read()
        if process.wait() != 0 or len(commit) < 40:
            raise StoreError("git could not write the version.")
        return commit, tree[2].decode() if len(tree) == 4 else ""

    def close(self) -> None:
        """End it, whatever it is at; without a commit nothing is kept."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = self._store.start(
                "fast-import", "--quiet", "--done", "--force", stdin=subprocess.PIPE
            )
        return self._process

    def _write(self, *pieces: bytes) -> None:
        stdin = self._running().stdin
        assert stdin is not None
        try:
            stdin.writelines(pieces)
        except BrokenPipeError as error:
            raise StoreError("git ended while the version was written.") from error


def _quoted(path: str) -> bytes:
    name = os.fsencode(f"{FILES}/{path}")
    for plain, escaped in ((b"\\", b"\\\\"), (b'"', b'\\"'), (b"\n", b"\\n")):
        name = name.replace(plain, escaped)
    return b'"' + name + b'"'
