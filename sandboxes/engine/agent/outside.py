"""File requests of a sandbox that does not run: a process of the host that sees only its files.

Arguments: the numbers of the inherited stream and of the directories `workspace` and `home`, and
the rlimits as JSON. It runs as the sandbox's user, knows nothing of the platform, and opens
everything beneath those two directories.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys

from .enclosure import Beneath
from .files import serve
from .settings import PUBLIC_HOME, PUBLIC_WORKSPACE
from .spawn import apply_rlimits


def main() -> None:
    stream, workspace, home = (int(number) for number in sys.argv[2:5])
    for name in ("SIGPIPE", "SIGXFSZ"):  # writing too much is an error, not death
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    apply_rlimits([(kind, limit) for kind, limit in json.loads(sys.argv[5])])
    os.umask(0o022)
    os.fchdir(workspace)
    place = Beneath(workspace, {PUBLIC_WORKSPACE: workspace, PUBLIC_HOME: home})
    with socket.socket(fileno=stream) as sock:
        serve(sock, lambda _: place)
