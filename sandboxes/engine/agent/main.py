"""The agent: PID 1 of a sandbox.

Arguments: the number of the inherited listening socket and of the settings file.
"""

from __future__ import annotations

import os
import resource
import sys

from .bare import signal, socket
from .filework import server
from .kernel import harden
from .loop import Agent
from .settings import Settings

TYPE_CHECKING = False  # what the annotations alone need would cost every agent time and memory
if TYPE_CHECKING:
    from collections.abc import Callable

MAX_INHERITED = 1 << 16
IGNORED = (
    *("SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGPIPE", "SIGUSR1", "SIGUSR2", "SIGALRM"),
    *("SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGXFSZ"),
)


def _confiner(how: dict) -> Callable[[], None]:
    """Imports what it takes while our own source can be reached."""
    import base64

    from . import confinement

    def confine() -> None:
        confinement.keep()
        confinement.enter(how["paths"], how["ports"], base64.b64decode(how["filter"]))

    return confine


def main() -> None:
    listener, settings = int(sys.argv[2]), Settings.read(int(sys.argv[3]))
    if not settings.isolated:
        server()  # our own source is out of reach in a moment
    confine = None if settings.confinement is None else _confiner(settings.confinement)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # six descriptors a command
    os.closerange(3, listener)
    os.closerange(listener + 1, MAX_INHERITED)
    os.nice(settings.nice)  # of the commands as well, which inherit it
    if settings.identity is not None:
        from . import privileges

        privileges.limit()
    harden(subreaper=os.getpid() != 1)
    if confine is not None:
        confine()
    for name in IGNORED:
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    agent = Agent(socket.socket(fileno=listener), settings)
    null = os.open(os.devnull, os.O_RDWR)
    for number in range(3):  # from here on nobody reads our standard streams
        os.dup2(null, number)
    os.close(null)
    agent.run()
