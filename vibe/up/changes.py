"""What a change of the platform's own files means for its processes (`up --reload`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

CODE = ("vibe", "sandboxes", "chat")
PAGES = ("templates", "static")
# The sandbox worker uses of the chat no more than the tables.
USERS = {
    "vibe": ("web", "sandboxes", "chat"),
    "sandboxes": ("web", "sandboxes", "chat"),
    "chat": ("web", "chat"),
}
OF_UP = ("vibe", "up")
SUFFIXES = {".py", ".html", ".css", ".js", ".mjs", ".svg", ".txt", ".md"}


@dataclass
class Changes:
    """services: to be started anew. errors: sentences on files that Python cannot read.

    migrations: the database has to follow. up: `up` itself is of an older state. files: all that
    changed, as paths below the checkout.
    """

    files: list[str] = field(default_factory=list)
    services: set[str] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)
    migrations: bool = False
    up: bool = False


def is_watched(path: Path) -> bool:
    """Whether a file below one of CODE and PAGES is one that the platform reads."""
    if "__pycache__" in path.parts or path.name.startswith("."):
        return False
    return path.suffix in SUFFIXES


def weigh(root: Path, paths: Iterable[Path]) -> Changes:
    """What follows from the change of these files below `root`."""
    changes = Changes()
    for path in sorted(paths):
        below = path.relative_to(root)
        changes.files.append(str(below))
        if path.suffix != ".py" or below.parts[0] not in USERS:
            continue
        if error := _error(path):
            changes.errors.append(error.replace(str(root) + "/", ""))
        if below.parts[:2] == OF_UP:
            changes.up = True
        else:
            changes.services.update(USERS[below.parts[0]])
        changes.migrations |= "migrations" in below.parts
    return changes


def _error(path: Path) -> str:
    """Why Python cannot read a file; empty when it can, or when the file is gone."""
    try:
        compile(path.read_bytes(), str(path), "exec")
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        return f"{path}{f', line {line}' if line else ''}: {getattr(error, 'msg', error)}"
    except OSError:
        return ""
    return ""
