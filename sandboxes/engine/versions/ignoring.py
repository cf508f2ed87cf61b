"""The project's .gitignore files, by pathspec. Their patterns are a stranger's: matched by re2,
whose time is linear, and only so many of them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

NAME = ".gitignore"
MOST_BYTES = 64 * 1024
MOST_LINES = 1_000
MOST_FILES = 200


class Rules:
    """The files from the top down to one folder; the deepest with an opinion decides.

    `digest` tells whether they are still the same.
    """

    def __init__(self, above: Rules | None = None, prefix: str = "", text: bytes = b"") -> None:
        self._above = above
        self._prefix = prefix
        self._text = text
        self._spec: GitIgnoreSpec | None = None
        self.count: int = above.count + 1 if above else 0
        seed = (above.digest if above else "").encode() + prefix.encode("utf-8", "replace")
        self.digest: str = hashlib.sha256(seed + b"\0" + text).hexdigest() if above else ""

    def below(self, prefix: str, text: bytes) -> Rules:
        """With those of the folder `prefix` (which ends with a slash, or is empty)."""
        return Rules(self, prefix, text[:MOST_BYTES])

    def ignores(self, path: str, *, directory: bool) -> bool:
        if self._above is None:
            return False
        found = self._compiled().check_file(_plain(path[len(self._prefix) :], directory))
        if found.include is None:
            return self._above.ignores(path, directory=directory)
        return found.include

    def _compiled(self) -> GitIgnoreSpec:
        if self._spec is None:
            # Takes longer to load than most versions take to be made.
            from pathspec import GitIgnoreSpec

            lines = self._text.decode("utf-8", "replace").splitlines()[:MOST_LINES]
            self._spec = GitIgnoreSpec.from_lines(_usable(lines), backend="re2")
        return self._spec


def _usable(lines: list[str]) -> list[str]:
    """Without those that git would not understand either."""
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

    found = []
    for line in lines:
        try:
            GitIgnoreSpecPattern(line)
        except ValueError:
            continue
        found.append(line)
    return found


def _plain(path: str, directory: bool) -> str:
    text = path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return text + "/" if directory else text
