"""Files of this machine's /usr that no sandbox may read: its package managers sign in with them.

Most of that lies in /etc and in homes, which never come in. npm and pip also look below the
directory that they are installed in.
"""

from __future__ import annotations

import re
from pathlib import Path

from . import argv

PREFIXES = ("usr", "usr/local")
NAMES = ("etc/npmrc", "lib/node_modules/npm/npmrc", "pip.conf", "etc/pip.conf")
SECRET = re.compile(r"://[^/\s]*@|_auth|_password|password|token", re.IGNORECASE)


def hidden(root: Path) -> list[str]:
    """Where those of this root file system lie inside that name a password or a token."""
    return [f"/{name}" for name in _names() if _is_secret(root / name)]


def behind(inside: list[str], system: Path | None) -> list[str]:
    """The same where this machine's own /usr is seen a second time, for the agent's Python."""
    own = inside if system is None else hidden(Path("/"))
    return [argv.BASE + name.removeprefix("/usr") for name in own]


def _names() -> list[str]:
    return [f"{prefix}/{name}" for prefix in PREFIXES for name in NAMES]


def _is_secret(path: Path) -> bool:
    """What cannot be read by us may be read inside, by root of a sandbox."""
    try:
        return bool(SECRET.search(path.read_text(errors="replace")))
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return False
    except OSError:
        return True
