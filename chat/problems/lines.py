"""Output as lines, and places in files that they name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

HOME = "/vercel/sandbox/"
LONGEST = 1_000
AROUND = 30
# Not the app's own: where a library's frame is the last one, the one before is looked at.
_FOREIGN = re.compile(
    r"node_modules/|site-packages/|dist-packages/|^node:|/usr/|/opt/|^<|\.venv/|/lib/python|/go/pkg/"
    r"|^internal/|^bin/"
)


@dataclass(frozen=True)
class Line:
    text: str
    is_stderr: bool = True


@dataclass(frozen=True)
class Place:
    path: str = ""
    line: int = 0
    column: int = 0


def own_path(path: str) -> str:
    """The path as the files of the sandbox are listed; "" for one that is elsewhere."""
    path = re.sub(r"^file:/{2}", "", path.strip())
    path = re.sub(r"^webpack(?:-internal)?:/{2,3}(?:\([\w-]+\)/)?", "", path)
    if _FOREIGN.search(path.removeprefix(HOME)):
        return ""
    path = path.removeprefix(HOME)
    while path.startswith("./"):
        path = path[2:]
    return "" if path.startswith(("/", "..", "<")) or not path else path


def place(path: str, line: str | None = None, column: str | None = None) -> Place:
    own = own_path(path)
    return Place(own, int(line or 0), int(column or 0)) if own else Place()


def innermost(places: Sequence[Place]) -> Place:
    """The first of them that lies in the app's own files."""
    return next((one for one in places if one.path), Place())


def excerpt(texts: Sequence[str]) -> str:
    """The lines of one error: where there are many, its beginning and its end."""
    if len(texts) > AROUND:
        left_out = f"… {len(texts) - AROUND} lines left out …"
        texts = [*texts[: AROUND // 2], left_out, *texts[-AROUND // 2 :]]
    return "\n".join(text[:LONGEST] for text in texts)
