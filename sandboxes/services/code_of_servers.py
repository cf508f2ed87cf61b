"""Which files a server's process holds the code of, as its command line tells, and whether it reads
them anew by itself."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sandboxes.engine.spec import WORKSPACE

# Servers that follow their files, and those that only hand files out.
FOLLOWS = re.compile(
    r"--(?:reload|watch|hot|dev|debug)\b|\b(?:nodemon|vite|astro|nuxt|streamlit|gradio|jupyter|"
    r"watchexec|entr|air|cargo-watch|browser-sync|live-server|http-server|parcel|webpack|ng serve|"
    r"react-scripts|http\.server|php)\b|\b(?:next|remix|gatsby)\s+dev\b|\bmanage\.py\s+runserver\b|"
    r"\b(?:npm|pnpm|yarn|bun)\s+(?:run\s+)?(?:dev|start:dev|watch)\b|\bcargo watch\b|\btsx watch\b"
)
STAYS = re.compile(r"--no-?reload\b")
# The first program that a line names decides.
ENDINGS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (
        re.compile(
            r"\b(?:python[\d.]*|flask|gunicorn|uvicorn|hypercorn|daphne|waitress-serve|"
            r"uv run|poetry run|fastapi)\b"
        ),
        (".py",),
    ),
    (
        re.compile(r"\b(?:node|tsx|ts-node|deno|bun|npm|pnpm|yarn|npx)\b"),
        (".js", ".mjs", ".cjs", ".ts", ".mts", ".cts"),
    ),
    (re.compile(r"\bgo\s+run\b"), (".go",)),
    (re.compile(r"\b(?:ruby|rackup|puma|rails)\b"), (".rb",)),
)


# What says in which folder a program works.
_IN_FOLDER = frozenset({
    "cd", "-C", "--chdir", "--app-dir", "--prefix", "--cwd", "--dir", "--directory",
})  # fmt: skip
# Folders within a project that ask for what lies beside them.
_INNER = frozenset({"src", "lib", "bin", "server", "app", "dist", "build"})


class Held(NamedTuple):
    """Files below `folder`, a path in the workspace ("" is all of it), with one of the endings."""

    folder: str
    endings: tuple[str, ...]


def held(line: str, cwd: str = "") -> Held | None:
    """What the server started by `line` in `cwd` has to be started anew for; None when it follows
    its files, or when that cannot be told."""
    if FOLLOWS.search(line) and not STAYS.search(line):
        return None
    found = [
        (match.start(), endings) for program, endings in ENDINGS if (match := program.search(line))
    ]
    if not found:
        return None
    endings = min(found)[1]
    folder = _folder(line, cwd, endings)
    return None if folder is None else Held(folder, endings)


def nearest(path: str, ending: str, known: Iterable[Held]) -> Held | None:
    """Whose code a file with that ending in the folder `path` is: of those around it the
    innermost, since an app within another one's folder is an app of its own."""
    around = [
        one
        for one in known
        if ending in one.endings and (not one.folder or f"{path}/".startswith(f"{one.folder}/"))
    ]
    return max(around, key=lambda one: len(one.folder), default=None)


def _folder(line: str, cwd: str, endings: tuple[str, ...]) -> str | None:
    """Where its code lies; None when that is outside of the workspace."""
    place = posixpath.join(WORKSPACE, cwd)
    words = list(_words(line))
    for word, following in zip(words, [*words[1:], ""], strict=True):
        option, is_joined, value = word.partition("=")
        if option in _IN_FOLDER:
            place = posixpath.join(place, value if is_joined else following)
        elif word.endswith(endings) and not word.startswith("-"):
            place = posixpath.join(place, posixpath.dirname(word))
            if posixpath.basename(place) in _INNER and not word.endswith(".py"):
                place = posixpath.dirname(place)
            break
    relative = posixpath.relpath(posixpath.normpath(place), WORKSPACE)
    if relative == ".." or relative.startswith("../"):
        return None
    return "" if relative == "." else relative


def _words(line: str) -> Iterator[str]:
    """Those of a command, and of a shell's script in it."""
    for word in _split(line):
        if " " in word:
            yield from _split(word.replace("&&", " ").replace(";", " "))
        else:
            yield word


def _split(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError:  # an open quotation mark
        return line.split()
