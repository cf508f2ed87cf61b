"""The host's side of copying: starts the program, hears how far it is, ends it when asked."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from .ids import Shift

START = "import sys; sys.path.insert(0, sys.argv[1]); from trees.program import main; main()"
PACKAGE = Path(__file__).parent
MOST_BESIDE = 2  # processes that copy beside the one that walks through the tree
LOOK = 0.25  # seconds between two questions whether the copy is still wanted
MAX_LINE = 64 * 1024
DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True)
class Progress:
    """Entries copied so far, and the bytes that they take on the disk."""

    entries: int = 0
    size: int = 0


@dataclass(frozen=True)
class Pair:
    """A directory and where its copy goes. `layers`: it holds overlay layers NAME/upper, and the
    scratch directories NAME/work, whose content is nobody's."""

    source: Path
    target: Path
    layers: bool = False


class CopyFailed(Exception):
    """`code`: no_space, invalid, cancelled or error; the message is for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def copy_trees(
    pairs: Sequence[Pair],
    *,
    shift: Shift | None = None,
    reserve: int = 0,
    durable: bool = False,
    nice: int = 0,
    wanted: Callable[[Progress], bool] = lambda _: True,
) -> Progress:
    """Copy directories; the targets are made. Blocks; raises CopyFailed and OSError.

    `shift` moves owners, as root. `reserve`: bytes that stay free on the disk. `durable`: on the
    disk when it returns. `nice`: how far others go first. `wanted` is asked several times a
    second and breaks the copy off.
    """
    with ExitStack() as stack:

        def opened(path: Path) -> int:
            descriptor = os.open(path, DIRECTORY)
            stack.callback(os.close, descriptor)
            return descriptor

        found = []
        for pair in pairs:
            pair.target.mkdir(mode=0o700)
            found.append((opened(pair.source), opened(pair.target), pair.layers))
        order = {
            "parent": os.getpid(),
            "nice": nice,
            "shift": astuple(shift) if shift else None,
            "reserve": reserve,
            "durable": durable,
            "crew": MOST_BESIDE if (os.cpu_count() or 1) > 1 else 0,
            "pairs": found,
        }
        process = stack.enter_context(_started(order, [end for pair in found for end in pair[:2]]))
        stack.callback(_end, process)
        return _followed(process, wanted)


def _started(order: dict[str, Any], descriptors: list[int]) -> subprocess.Popen[bytes]:
    options = [sys.executable, "-I", "-S", "-X", "utf8", "-c", START]
    return subprocess.Popen(
        [*options, str(PACKAGE.parent), json.dumps(order)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        pass_fds=descriptors,
        cwd="/",
        env={},
        start_new_session=True,
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    """Also of those that it has started, which hold its output open for as long as they write."""
    process.kill()
    assert process.stdout is not None
    while process.stdout.read(MAX_LINE):
        pass


def _followed(process: subprocess.Popen[bytes], wanted: Callable[[Progress], bool]) -> Progress:
    progress = Progress()
    if not wanted(progress):
        raise CopyFailed("cancelled", "The copy is not wanted any more.")
    for message in _messages(process):
        if message and "error" in message:
            raise CopyFailed(message["error"], message["message"])
        if message:
            progress = Progress(int(message["entries"]), int(message["size"]))
            if message.get("done"):
                return progress
        if not wanted(progress):
            raise CopyFailed("cancelled", "The copy is not wanted any more.")
    raise CopyFailed("error", "The copy was broken off.")


def _messages(process: subprocess.Popen[bytes]) -> Iterator[dict[str, Any] | None]:
    """What the program says, and None whenever it has said nothing for a while."""
    assert process.stdout is not None
    descriptor = process.stdout.fileno()
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    text = b""
    looked = time.monotonic()
    while True:
        if not poll.poll(LOOK * 1000):
            yield None
            continue
        chunk = os.read(descriptor, MAX_LINE)
        if not chunk:
            return
        *lines, text = (text + chunk).split(b"\n")
        yield from (json.loads(line) for line in lines)
        if time.monotonic() - looked > LOOK:
            looked = time.monotonic()
            yield None
