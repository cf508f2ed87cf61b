"""The user namespace of a sandbox with ids of its own: what is root inside is nobody outside."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

from .. import sockets
from ..errors import EngineError
from ..spec import RANGE

TIMEOUT = 10.0  # seconds
# No further namespaces from inside; the count is the one of the namespace that writes it.
ENTER = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"'


class Namespace:
    """One that is being made, whose ids 0 … RANGE-1 are `base` … on this machine.

    The process that makes it is a program of its own: this one may have threads, and a forked
    Python with threads may hang.
    """

    def __init__(self, base: int) -> None:
        """Raises EngineError where there is no such program."""
        self._base = base
        self._holder = subprocess.Popen(
            [_tool("unshare"), "--user", "--", _tool("cat")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={},
            cwd="/",
        )
        assert self._holder.stdin is not None
        os.write(self._holder.stdin.fileno(), b"\n")

    def descriptor(self) -> int:
        """Wait for it, to be called once; raises EngineError where it is not allowed."""
        holder = self._holder
        assert holder.stdout and holder.stderr
        try:
            # An answer shows that it has left our namespace.
            if not sockets.readable(holder.stdout, TIMEOUT) or not os.read(
                holder.stdout.fileno(), 1
            ):
                holder.kill()
                reason = os.read(holder.stderr.fileno(), 1000).decode("utf-8", "replace").strip()
                raise EngineError(f"A user namespace could not be made: {reason or 'no answer'}.")
            for name in ("uid_map", "gid_map"):
                Path(f"/proc/{holder.pid}/{name}").write_text(f"0 {self._base} {RANGE}\n")
            return os.open(f"/proc/{holder.pid}/ns/user", os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise EngineError(f"The ids of a sandbox could not be mapped ({error.strerror}).")
        finally:
            self.close()

    def close(self) -> None:
        """End who makes it; fine to repeat."""
        holder = self._holder
        holder.kill()
        holder.wait()
        for pipe in (holder.stdin, holder.stdout, holder.stderr):
            if pipe is not None:
                pipe.close()


def entering(descriptor: int) -> list[str]:
    """The start of a command line whose rest runs as root of that namespace."""
    # Ours, not its own: then the program that runs does not inherit it.
    where = f"--user=/proc/{os.getpid()}/fd/{descriptor}"
    enter = [_tool("nsenter"), where, "--setuid", "0", "--setgid", "0", "--"]
    return [*enter, _tool("sh"), "-c", ENTER, "enter"]


@cache
def _tool(name: str) -> str:
    found = shutil.which(name, path="/usr/bin:/bin:/usr/sbin:/sbin")
    if found is None:
        raise EngineError(f"There is no {name} on this machine.", "Install util-linux.")
    return found
