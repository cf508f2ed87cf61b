"""Makes `.venv` and installs a lock file into it, by uv where it is at hand, else by pip."""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from vibe.bootstrap.progress import Progress, say
from vibe.bootstrap.stamp import Stamp, python_of

TAIL_LINES = 12
# One address that pip is told to use does not reach uv, so each is passed on by its other name.
UV_NAMES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
}
# Left in the environment, these would send packages elsewhere than into `.venv`.
MISLEADING = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PIP_REQUIRE_VIRTUALENV")


class InstallError(Exception):
    """What could not be installed, the tool's last lines, and what to do."""


def install(root: Path, venv: Path, lock: Path) -> None:
    """Make `venv` hold exactly what `lock` names; returns at once when another process did it."""
    stamp = Stamp(venv)
    with _alone(root):
        if stamp.matches(lock):
            return
        started = time.monotonic()
        total = sum(1 for line in lock.read_text(encoding="utf-8").splitlines() if "==" in line)
        say(f"Setting up Vibe: {total} packages into {venv} (only when {lock.name} has changed).")
        uv = shutil.which("uv")
        if not stamp.usable():
            _make(venv, uv)
        stamp.begin()
        if not (uv and _by_uv(uv, venv, lock)):
            _by_pip(venv, lock, total)
        _write_client(root, venv)
        stamp.finish(lock)
        say(f"Set up in {time.monotonic() - started:.0f} s.")


def _write_client(root: Path, venv: Path) -> None:
    """Put the command `vibe` beside the interpreter: it runs the client of this checkout."""
    script = venv / "bin" / "vibe"
    script.write_text(
        f"#!{python_of(venv)}\nimport sys\nsys.path.insert(0, {str(root)!r})\n"
        "from vibe.client.main import main\nsys.exit(main())\n",
        encoding="utf-8",
    )
    script.chmod(0o755)


@contextlib.contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Hold a lock on the checkout's directory, so that of two first starts one installs."""
    directory = os.open(root, os.O_RDONLY)
    try:
        try:
            fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another process is setting up Vibe here; waiting for it.")
            fcntl.flock(directory, fcntl.LOCK_EX)
        except OSError:
            pass  # a file system without locks: two first starts at once are unlikely
        yield
    finally:
        os.close(directory)


def _make(venv: Path, uv: str | None) -> None:
    """Create the environment anew with the interpreter that runs this."""
    try:
        if venv.is_symlink():
            venv.unlink()
        elif venv.exists():
            shutil.rmtree(venv)
    except OSError as error:
        raise InstallError(f"{venv} cannot be replaced: {error.strerror}. Remove it.") from None
    if importlib.util.find_spec("venv") is not None:
        # Debian ships `venv` without `ensurepip` unless python3-venv is installed.
        own_pip = importlib.util.find_spec("ensurepip") is not None and not uv
        argv = [sys.executable, "-m", "venv", *([] if own_pip else ["--without-pip"]), str(venv)]
    elif uv:
        argv = [uv, "venv", "--quiet", "--python", sys.executable, str(venv)]
    else:
        raise InstallError(_no_pip("venv"))
    done = subprocess.run(argv, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode != 0:
        raise InstallError(
            f"{_tail((done.stdout + done.stderr).splitlines())}\n"
            f"The virtual environment {venv} could not be made. Check that the directory is "
            "writable and the disk has space; on Debian and Ubuntu: apt install python3-venv"
        )


def _by_uv(uv: str, venv: Path, lock: Path) -> bool:
    """Install by uv; False when that failed and pip should try, which may be set up better."""
    argv = [uv, "pip", "install", "--python", str(python_of(venv)), "--require-hashes"]
    done = subprocess.run([*argv, "--no-deps", "-r", str(lock)], env=_uv_environment(), check=False)
    if done.returncode != 0:
        say("uv could not install the packages; trying pip.")
    return done.returncode == 0


def _uv_environment() -> dict[str, str]:
    """The environment for uv, with what pip's own configuration says about mirrors."""
    environment = _environment()
    pip = [sys.executable, "-m", "pip", "config", "list"]
    listed = subprocess.run(pip, capture_output=True, text=True, check=False).stdout
    for line in listed.splitlines():
        key, _, value = line.partition("=")
        name = UV_NAMES.get(key.rpartition(".")[2].lower().replace("_", "-"))
        if name:
            addresses = value.strip().strip("'\"").replace("\\n", " ").split()
            environment.setdefault(name, ("," if name == "UV_FIND_LINKS" else " ").join(addresses))
    # pip weighs all indexes alike; uv would stop at the first that knows a package's name.
    environment.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    return environment


def _environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if key not in MISLEADING}


def _pip(venv: Path) -> list[str]:
    """The command of a pip that installs into `venv`: its own, else that of this interpreter."""
    python = str(python_of(venv))
    for argv in ([python, "-m", "pip"], [sys.executable, "-m", "pip", "--python", python]):
        if subprocess.run([*argv, "--version"], capture_output=True, check=False).returncode == 0:
            return argv
    own = subprocess.run([python, "-m", "ensurepip"], capture_output=True, check=False)
    if own.returncode == 0:
        return [python, "-m", "pip"]
    raise InstallError(_no_pip("pip"))


def _no_pip(what: str) -> str:
    return (
        f"This Python ({sys.executable}) has no {what}, and uv is not on the PATH. Install one, "
        "then run the same command again. Debian and Ubuntu: apt install python3-venv"
    )


def _by_pip(venv: Path, lock: Path, total: int) -> None:
    argv = [*_pip(venv), "install", "--require-hashes", "--no-deps", "--no-input", "--no-user"]
    argv += ["--no-compile", "--progress-bar", "off", "--disable-pip-version-check"]
    progress = Progress(total)
    lines: list[str] = []
    with subprocess.Popen(
        [*argv, "-r", str(lock)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=_environment(),
    ) as pip:
        assert pip.stdout is not None
        for line in pip.stdout:
            lines = [*lines[-200:], line.rstrip()]
            progress.read(line)
    progress.end()
    if pip.returncode != 0:
        raise InstallError(f"{_tail(lines)}\n{advice(lines)}")
    # By pip it takes one core and half of the time; the modules never imported need no bytecode.
    say("Preparing the packages for a quick start.")
    compile_all = ["-m", "compileall", "-q", "-j", "0", str(venv / "lib")]
    subprocess.run([str(python_of(venv)), *compile_all], capture_output=True, check=False)


def _tail(lines: list[str]) -> str:
    return "\n".join(f"    {line}" for line in lines[-TAIL_LINES:] if line.strip())


def advice(lines: list[str]) -> str:
    """One sentence on what to do, from what pip said."""
    text = "\n".join(lines).lower()
    if "do not match the hashes" in text:
        return (
            "A downloaded package is not the one that the lock file names, so nothing of it was "
            "installed. A mirror or proxy may have altered it: try again, or by another network."
        )
    if "no space left" in text:
        return "The disk is full. Free about 600 MB, then run the same command again."
    if any(word in text for word in ("connection", "timed out", "name resolution", "ssl")):
        return (
            "The package index could not be reached. Check the network (and pip's proxy or mirror "
            "settings: pip config list), then run the same command again."
        )
    return "The packages could not be installed. The lines above say why; then run it again."
