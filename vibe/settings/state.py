"""Where the state of the platform lies, the key it signs with, and what this node is called."""

from __future__ import annotations

import os
import secrets
import tempfile
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from vibe import env

BASE_DIR = Path(__file__).resolve().parents[2]
DATA_DIR = env.path(
    "VIBE_DATA_DIR", BASE_DIR / "var", help="Directory of all state: database, sandboxes, sockets."
)
DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)


def _run_dir() -> Path:
    """A directory for sockets; a unix socket's path may have no more than 107 bytes."""
    run = DATA_DIR / "run"
    if len(os.fsencode(run)) > 60:
        digest = sha256(os.fsencode(DATA_DIR)).hexdigest()[:16]
        run = Path(tempfile.gettempdir()) / f"vibe-{os.getuid()}-{digest}"
    run.mkdir(mode=0o700, parents=True, exist_ok=True)
    if run.stat().st_uid != os.getuid() or run.is_symlink():
        raise env.SettingError(f"{run} belongs to somebody else; set VIBE_DATA_DIR to your own.")
    return run


RUN_DIR = _run_dir()


def _secret_key() -> str:
    given = env.secret("VIBE_SECRET_KEY", help="Signing key; made and kept in the data directory.")
    if given:
        return given
    file = DATA_DIR / "secret_key"
    if not file.exists():
        # Of two processes that start together one links its own, whole, and both read that.
        own = DATA_DIR / f"secret_key.{os.getpid()}"
        descriptor = os.open(own, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(secrets.token_urlsafe(50))
        with suppress(FileExistsError):
            os.link(own, file)
        own.unlink()
    return file.read_text(encoding="ascii").strip()


SECRET_KEY = _secret_key()
env.remember_secret(SECRET_KEY)
SECRET_KEY_FORMER = env.listing(
    "VIBE_SECRET_KEY_FORMER", help="Former VIBE_SECRET_KEYs, to read kept keys of providers with."
)
for _former in SECRET_KEY_FORMER:
    env.remember_secret(_former)
DEBUG = env.flag("VIBE_DEBUG", help="Show Django's error pages; never on a public address.")
NODE_NAME = env.text("VIBE_NODE", "local", help="Name of this machine; its sandbox queue bears it.")
