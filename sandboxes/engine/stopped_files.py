"""The files of a sandbox that does not run, served by a short-lived process of the host."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from . import agent_process
from .directories import HOME, TEMPORARY, WORKSPACE
from .errors import EngineError
from .file_stream import FileStream
from .files import FileOperations
from .limits import rlimits
from .plain.engine import interpreter
from .sockets import close_all
from .spec import Limits

START = "import sys; sys.path.insert(0, sys.argv[1]); from agent.outside import main; main()"
GRACE = 2.0  # seconds between the end of the stream and that of the process
DIRECTORY = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class StoppedFiles(FileOperations):
    """File operations on the directories below `root` (`workspace`, `home`, `tmp`).

    The process runs as whoever owns the workspace, which is the sandbox's user, so what it makes
    belongs to that one and it may do no more. It gets the directories as descriptors and
    opens everything beneath them: agent/enclosure.py.
    """

    def __init__(self, root: Path, limits: Limits) -> None:
        self.root = root
        self.limits = limits

    def _stream(self, timeout: float) -> FileStream:
        agent_process.compile_source()
        opened: list[int] = []
        try:
            for name in (WORKSPACE, HOME):
                opened.append(self._directory(self.root / name))
            with suppress(FileNotFoundError):  # it ran without one
                opened.append(os.open(self.root / TEMPORARY, DIRECTORY))
            places = tuple(opened)
            # By descriptor: the source may lie where the sandbox's user cannot go.
            opened.append(os.open(agent_process.SOURCE.parent, os.O_PATH | os.O_DIRECTORY))
            ours, theirs = socket.socketpair()
            with theirs:
                process = self._start(theirs.fileno(), places, opened[-1])
        except OSError as error:
            raise EngineError(f"The files of the sandbox cannot be reached: {error.strerror}.")
        finally:
            close_all(opened)
        return FileStream(ours, timeout, _ending(process))

    def _directory(self, path: Path) -> int:
        """Open it, not through a link; a sandbox that never ran has none yet."""
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(path, DIRECTORY)

    def _start(self, stream: int, places: tuple[int, ...], source: int) -> subprocess.Popen[bytes]:
        owner = os.fstat(places[0])
        identity: dict[str, Any] = {}
        user: int | None = None
        if os.geteuid() == 0 and owner.st_uid != 0:
            user = owner.st_uid
            identity = {"user": user, "group": owner.st_gid, "extra_groups": []}
        arguments = [interpreter(user), "-I", "-S", "-c", START, f"/proc/self/fd/{source}"]
        numbers = [str(number) for number in places]
        return subprocess.Popen(
            [*arguments, str(stream), json.dumps(rlimits(self.limits)), *numbers],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[stream, *places, source],
            cwd="/",
            env={},
            start_new_session=True,
            **identity,
        )


def _ending(process: subprocess.Popen[bytes]) -> Callable[[], None]:
    """Waits for the process, which has lost its stream and has nothing left to do."""

    def ended() -> None:
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    return ended
