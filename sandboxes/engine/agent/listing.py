"""Walk a directory tree for the host, with a bound on everything."""

from __future__ import annotations

import itertools
import os
import stat

MAX_BYTES = 4 * 1024 * 1024  # of names: a tree of very long names is cut short too


def list_tree(
    top: str, workspace: str, depth: int | None, limit: int, exclude: set[str]
) -> dict[str, object]:
    """Entries below `top`, parents before children, by name, as [path, kind, size, mtime, mode].

    Paths are relative to the workspace, or absolute for what lies outside. Directories named in
    `exclude` are listed but not entered; links are never followed.
    """
    entries: list[list[object]] = []
    budget = MAX_BYTES
    pending: list[tuple[str, os.DirEntry | None, int]] = [(top, None, 0)]
    while pending:
        path, entry, level = pending.pop()
        if entry is not None:
            if len(entries) >= limit or budget < 0:
                return {"entries": entries, "truncated": True}
            shown = _shown(path, workspace)
            budget -= len(shown)
            kind, described = _describe(entry, shown)
            if described is None:
                continue
            entries.append(described)
            if kind != "dir" or entry.name in exclude:
                continue
        if depth is not None and level >= depth:
            continue
        try:
            children = _children(path, limit)
        except OSError:
            if entry is None:
                raise
            continue
        pending += [(os.path.join(path, c.name), c, level + 1) for c in reversed(children)]
    return {"entries": entries, "truncated": False}


def _children(path: str, limit: int) -> list[os.DirEntry]:
    # One more than can be shown is enough to notice that the list is cut short.
    with os.scandir(path) as iterator:
        return sorted(itertools.islice(iterator, limit + 1), key=lambda child: child.name)


def _describe(entry: os.DirEntry, shown: str) -> tuple[str, list[object] | None]:
    try:
        info = entry.stat(follow_symlinks=False)
    except OSError:  # gone meanwhile
        return "", None
    kind = "other"
    for name, test in (("file", stat.S_ISREG), ("dir", stat.S_ISDIR), ("link", stat.S_ISLNK)):
        if test(info.st_mode):
            kind = name
    return kind, [shown, kind, info.st_size, info.st_mtime, stat.S_IMODE(info.st_mode)]


def _shown(path: str, workspace: str) -> str:
    if path.startswith(workspace + "/"):
        path = path[len(workspace) + 1 :]
    # Names that are no UTF-8 would break everything that prints them; they are shown escaped.
    return os.fsencode(path).decode("utf-8", "backslashreplace")
