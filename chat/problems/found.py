"""An error as it was seen once, whoever has seen it."""

from __future__ import annotations

from dataclasses import dataclass, replace

COMMAND, SERVER, BROWSER, CHECK = "command", "server", "browser", "check"
KINDS = (COMMAND, SERVER, BROWSER, CHECK)
ERROR, WARNING = "error", "warning"

TITLE, DETAIL, PATH = 300, 4_000, 400


@dataclass(frozen=True)
class Found:
    """`about` says what it is of: a language, a tool, a cause. `noise`: why nobody has to act on
    it; "" for an error. `clear`: whether rules alone may say that it is to be mended. `path` is
    as the files of the sandbox are listed, "" where it is not known."""

    kind: str
    about: str
    title: str
    detail: str = ""
    path: str = ""
    line: int = 0
    column: int = 0
    noise: str = ""
    clear: bool = True
    times: int = 1

    @property
    def severity(self) -> str:
        return WARNING if self.noise else ERROR

    def bounded(self) -> Found:
        """The same within what a row may hold."""
        return replace(
            self,
            title=" ".join(self.title.split())[:TITLE] or "An error without words",
            detail=self.detail.strip("\n")[:DETAIL],
            path=self.path[:PATH],
            line=min(max(self.line, 0), 10_000_000),
            column=min(max(self.column, 0), 10_000_000),
        )
