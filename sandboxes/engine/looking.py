"""What a sandbox finds of programs, seen from inside of one."""

from __future__ import annotations

import os
import secrets
import tempfile
from dataclasses import replace
from pathlib import Path

from . import sockets
from .errors import EngineError
from .interface import Engine
from .selftest import TEST_BASE, TEST_UID
from .spec import PROGRAMS, RANGE, USER_ID, ExecSpec, Level, SandboxSpec

SECONDS = 60.0
MOST = 1 << 17
# A version manager's shim is on the PATH and yet may refuse to run. What would be installed at its
# first call is not there yet.
SCRIPT = (
    f"PATH=${{PATH%:{PROGRAMS}/last}}"
    + """
for name in "$@"; do
  place=$(command -v "$name") || continue
  said=$($name --version 2>&1 </dev/null || $name version 2>&1 </dev/null)
  printf '%s\\t%s\\t%s\\t%s\\n' "$name" "$place" $? "$(printf %s "$said" | head -n 1)"
done
"""
)


def programs(
    engine: Engine, directory: Path, names: tuple[str, ...], like: SandboxSpec
) -> dict[str, tuple[str, bool, str]]:
    """(path, whether it runs, first line that it says of its version) of those that are found.

    Starts a sandbox with the system, mounts and environment of `like`, whose files lie in a
    directory below `directory` meanwhile. Raises EngineError.
    """
    with tempfile.TemporaryDirectory(prefix=".looking-", dir=directory) as made:
        top = Path(made)
        top.chmod(0o711)
        uid, base = _ids(engine)
        spec = replace(like, name=f"look{secrets.token_hex(6)}", root=top / "root",
                       run_dir=top / "run", timeout=SECONDS, uid=uid, base=base)  # fmt: skip
        if engine.level is not Level.FULL:
            (top / "root").mkdir(mode=0o711)
        handle = engine.start(spec)
        try:
            words = ["/bin/sh", "-c", SCRIPT, "look", *names]
            with engine.agent(handle).exec(ExecSpec("look", words, timeout=SECONDS)) as command:
                if not sockets.readable(command.connection, SECONDS):
                    raise EngineError("The programs of a sandbox did not answer in time.")
                text = _read(command.stdout).decode("utf-8", "replace")
        finally:
            engine.kill(handle)
    rows = [line.split("\t", 3) for line in text.splitlines()]
    return {row[0]: (row[1], row[2] == "0", row[3]) for row in rows if len(row) == 4}


def _read(pipe: int) -> bytes:
    try:
        return os.read(pipe, MOST)
    except BlockingIOError:  # nothing was found
        return b""


def _ids(engine: Engine) -> tuple[int | None, int | None]:
    """(host user, first of its ids) of nobody else."""
    if os.geteuid() != 0:
        return None, None
    if not engine.writable:
        return TEST_UID - secrets.randbelow(900), None
    base = TEST_BASE + secrets.randbelow(90) * RANGE
    return base + USER_ID, base
