"""From a bare interpreter to the pinned packages in `.venv`; standard library only.

`prepare` is the first thing that `manage.py` calls. It either returns (this process already runs
where it should) or replaces the process by the same command in `.venv`, installing first what the
lock file names and the stamp in `.venv` does not. A start with nothing to do costs milliseconds:
nothing heavier than `hashlib` is imported on that path.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from vibe.bootstrap.stamp import Stamp, python_of

ROOT = Path(__file__).resolve().parent.parent.parent
RUNTIME_LOCK = "requirements.lock"
DEV_LOCK = "requirements-dev.lock"


def prepare(argv: Sequence[str], root: Path = ROOT) -> None:
    """Return in the right interpreter with the locked packages, or replace this process by it.

    argv: the command line, `argv[1]` being the command; `test` and `up --reload` need the
    development lock.
    Exits with a sentence (status 1) when the packages cannot be installed.
    """
    if os.environ.get("VIBE_BOOTSTRAP") == "0":
        return
    venv = root / ".venv"
    inside = os.path.realpath(sys.prefix) == os.path.realpath(venv)
    stamp = Stamp(venv)
    if inside and not stamp.exists():
        return  # somebody made this environment by hand and answers for what is in it
    develops = argv[1:2] in (["test"], ["bench"]) or (argv[1:2] == ["up"] and "--reload" in argv)
    lock = root / (DEV_LOCK if develops else RUNTIME_LOCK)
    if not stamp.matches(lock):
        from vibe.bootstrap.install import InstallError, install

        try:
            install(root, venv, lock)
        except InstallError as error:
            sys.exit(f"\n{error}")
        except KeyboardInterrupt:
            sys.exit("\nInterrupted. The same command goes on where this one stopped.")
    if not inside:
        run_in(venv, argv)


def run_in(venv: Path, argv: Sequence[str]) -> None:
    """Replace this process by the same command in the interpreter of `venv`."""
    # Another environment may be active; what it put into the environment must not leak in.
    os.environ["VIRTUAL_ENV"] = str(venv)
    os.environ.pop("PYTHONHOME", None)
    sys.stdout.flush()
    sys.stderr.flush()
    python = str(python_of(venv))
    os.execv(python, [python, *argv])
