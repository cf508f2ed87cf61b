"""File requests of a sandbox that does not run: a process of the host that sees only its files.

Arguments: the number of the inherited stream, the rlimits as JSON, and the numbers of the
directories `workspace`, `home` and, where the sandbox has one, `tmp`. It runs as the sandbox's
user, knows nothing of the platform, and opens everything beneath those directories.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys

from .enclosure import Beneath
from .files import serve
from .settings import PUBLIC_HOME, PUBLIC_TEMPORARY, PUBLIC_WORKSPACE
from .spawn import apply_rlimits

NAMES = (PUBLIC_WORKSPACE, PUBLIC_HOME, PUBLIC_TEMPORARY)


def main() -> None:
    stream, *places = (int(number) for number in (sys.argv[2], *sys.argv[4:]))
    for name in ("SIGPIPE", "SIGXFSZ"):  # writing too much is an error, not death
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    apply_rlimits([(kind, limit) for kind, limit in json.loads(sys.argv[3])])
    os.umask(0o022)
    workspace = places[0]
    os.fchdir(workspace)
    place = Beneath(workspace, dict(zip(NAMES, places, strict=False)))
    with socket.socket(fileno=stream) as sock:
        serve(sock, place)
