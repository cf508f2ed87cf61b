"""Processes that copy files beside the one that walks through the tree."""

from __future__ import annotations

import ctypes
import json
import os
import select
import signal
import socket
from collections import deque
from collections.abc import Callable
from typing import Any

from .entries import EntryCopy, Tally, TreeError
from .space import DiskFull

PR_SET_PDEATHSIG = 1
WINDOW = 4  # batches that wait at one of them, so that none ever waits for work
MAX_BATCH = 64 * 1024  # bytes
MAX_REPLY = 4096

Done = Callable[[list[str]], None]


class Crew:
    """Up to `size` processes, started when they are needed; with none all is done at once.

    `entries` does the work in each of them, and `tally` is told what was done.
    """

    def __init__(self, size: int, entries: EntryCopy, tally: Tally) -> None:
        self._size = size
        self._entries = entries
        self._tally = tally
        self._members: list[_Member] = []

    def hand_out(self, source: int, target: int, names: list[str], done: Done) -> None:
        """Have files copied from the directory `source` into `target`, both descriptors.

        `done` is called from this or a later call, with the names that were left out because
        their files have others too. Raises what went wrong, maybe with an earlier batch: TreeError,
        DiskFull, OSError.
        """
        if not self._size:
            left = [name for name in names if not self._entries.copy_file(source, target, name)]
            self._tally.add(*self._entries.tally.take())
            done(left)
            return
        while (member := self._free()) is None:
            self._receive()
        member.send(source, target, names, done)

    def wait(self) -> None:
        """Until all that was handed out is done; raises like hand_out."""
        while any(member.waiting for member in self._members):
            self._receive()

    def close(self) -> None:
        """End them, with whatever they are at."""
        for member in self._members:
            member.end()
        self._members.clear()

    def _free(self) -> _Member | None:
        if len(self._members) < self._size and all(one.waiting for one in self._members):
            self._members.append(_Member(self._entries, self._members))
        member = min(self._members, key=lambda one: len(one.waiting))
        return member if len(member.waiting) < WINDOW else None

    def _receive(self) -> None:
        poll = select.poll()
        for member in self._members:
            if member.waiting:
                poll.register(member.socket, select.POLLIN)
        ready = {descriptor for descriptor, _ in poll.poll()}
        for member in self._members:
            if member.socket.fileno() in ready:
                member.receive(self._tally)


class _Member:
    def __init__(self, entries: EntryCopy, others: list[_Member]) -> None:
        self.socket, inside = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.waiting: deque[tuple[list[str], Done]] = deque()
        parent = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                _end_with(parent)
                for member in (self, *others):
                    member.socket.close()
                _serve(inside, entries)
            finally:
                os._exit(0)
        inside.close()

    def send(self, source: int, target: int, names: list[str], done: Done) -> None:
        batch = b"\0".join(os.fsencode(name) for name in names)
        socket.send_fds(self.socket, [batch], [source, target])
        self.waiting.append((names, done))

    def receive(self, tally: Tally) -> None:
        data = self.socket.recv(MAX_REPLY)
        if not data:
            raise TreeError("The copy was broken off.")
        reply = json.loads(data)
        names, done = self.waiting.popleft()
        _raise_of(reply)
        tally.add(*reply["copied"])
        done([names[number] for number in reply["left"]])

    def end(self) -> None:
        self.socket.close()
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def _serve(asked: socket.socket, entries: EntryCopy) -> None:
    """In a process of its own: do what comes, until the other side is closed."""
    while True:
        data, descriptors, _, _ = socket.recv_fds(asked, MAX_BATCH, 2)
        if not data:
            return
        source, target = descriptors
        asked.send(json.dumps(_reply(entries, source, target, data.split(b"\0"))).encode())
        os.close(source)
        os.close(target)


def _reply(entries: EntryCopy, source: int, target: int, names: list[bytes]) -> dict[str, Any]:
    left = []
    try:
        for number, name in enumerate(names):
            if not entries.copy_file(source, target, os.fsdecode(name)):
                left.append(number)
    except DiskFull:
        return {"full": True}
    except TreeError as error:
        return {"invalid": str(error)}
    except OSError as error:
        return {"errno": error.errno, "message": error.strerror or str(error)}
    return {"copied": entries.tally.take(), "left": left}


def _raise_of(reply: dict[str, Any]) -> None:
    if "full" in reply:
        raise DiskFull
    if "invalid" in reply:
        raise TreeError(reply["invalid"])
    if "errno" in reply:
        raise OSError(reply["errno"], reply["message"])


def _end_with(parent: int) -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
