"""Progress of an installation: one moving line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import re
import shutil
import sys

# "Collecting NAME==VERSION (from …)", or "Processing /a/local/NAME-VERSION-….whl".
_PACKAGE = re.compile(
    r"(?:Collecting ([\w.-]+)(?:\[.*?\])?==(\S+)|Processing \S*/([\w.]+)-([^-/]+)-)"
)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


class Progress:
    """Reads pip's output line by line and tells how far it is.

    total: packages in the lock file; those that another platform needs are taken off as pip
    passes over them.
    """

    def __init__(self, total: int) -> None:
        self.total = total
        self.count = 0
        self.moving = sys.stderr.isatty()

    def read(self, line: str) -> None:
        if line.startswith("Ignoring "):
            self.total -= 1
        elif line.startswith("Requirement already satisfied"):
            self.count += 1
        elif match := _PACKAGE.match(line):
            self.count += 1
            name, version = match[1] or match[3], match[2] or match[4]
            self._show(f"[{self.count}/{self.total}] {name} {version}")
        elif line.startswith("Installing collected packages"):
            self._show(f"Installing {self.count} packages")

    def end(self) -> None:
        if self.moving:
            print("\r\033[K", end="", file=sys.stderr, flush=True)

    def _show(self, text: str) -> None:
        if self.moving:
            width = shutil.get_terminal_size().columns - 1
            print(f"\r\033[K{text[:width]}", end="", file=sys.stderr, flush=True)
        else:
            say(text)
