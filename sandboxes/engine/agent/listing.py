"""Listings of a directory tree and of single entries, with a bound on everything."""

from __future__ import annotations

import json
import os
import stat

from .frames import Stream
from .places import Place
from .walk import MAX_DEPTH, READ_DIRECTORY, kind_of, printable, walk

MAX_BYTES = 4 * 1024 * 1024  # of names: a tree of very long names is cut short too


def list_tree(request: dict, stream: Stream, place: Place) -> None:
    """Answer with {"entries": [[path, kind, size, mtime, mode], …], "truncated"} as content."""
    limit, exclude = int(request["limit"]), set(request["exclude"])
    depth = request["depth"]
    spot = place.existing(request["path"])
    top = spot.open(READ_DIRECTORY)
    above = printable(place.shown(request["path"]))
    prefix = above + "/" if above else ""
    entries: list[list[object]] = []
    budget, truncated = MAX_BYTES, False
    found = walk(top, exclude=exclude, depth=min(depth or MAX_DEPTH, MAX_DEPTH), most=limit + 1)
    for _, name, path, info, last in found:
        if len(entries) >= limit or budget < 0:
            truncated = True
            break
        shown = prefix + printable(path)
        budget -= len(shown)
        kind = kind_of(info.st_mode)
        entries.append([shown, kind, info.st_size, info.st_mtime, stat.S_IMODE(info.st_mode)])
        if last and depth is None and kind == "dir" and name not in exclude:
            truncated = True
    answer(stream, {"entries": entries, "truncated": truncated})


def stat_one(request: dict, stream: Stream, place: Place) -> None:
    """Answer with what is known of one entry."""
    path = request["path"]
    spot = place.existing(path, follow=bool(request.get("follow", True)))
    stream.send({"entry": described(spot.stat(), place.shown(path), spot.directory, spot.name)})


def described(
    info: os.stat_result, path: str, directory: int = -1, name: str = ""
) -> dict[str, object]:
    """An entry as a frame holds it; of a link with its target."""
    kind = kind_of(info.st_mode)
    target = ""
    if kind == "link":
        try:
            target = printable(os.readlink(name, dir_fd=directory))
        except OSError:  # exchanged meanwhile
            pass
    return {
        "path": printable(path) or ".",
        "kind": kind,
        "size": info.st_size,
        "mtime": info.st_mtime,
        "mode": stat.S_IMODE(info.st_mode),
        "version": version(info),
        "target": target,
    }


def version(info: os.stat_result) -> str:
    """Changes whenever the content of a file does."""
    return f"{info.st_mtime_ns:x}-{info.st_size:x}-{info.st_ino:x}"


def answer(stream: Stream, result: dict) -> None:
    """Send a result that may be too long for a frame, as content."""
    stream.begin({})
    stream.send_block(json.dumps(result).encode())
    stream.end()
