"""Starts the platform's Python programs as forks of one process that has loaded what they share.

`python -m vibe.up.fork_server` loads that and then serves the socket that is its standard
input. A message `{"number": N, "argv": [PYTHON, …]}` comes with the descriptors of the program's
standard streams and is answered by `{"number": N, "pid": PID}`; when a program ends,
`{"ended": PID, "status": S}` follows. The memory that none of them changes is there once, and each
starts in milliseconds. It has one thread and no connection to anything, and ends with the socket.
"""

from __future__ import annotations

import gc
import json
import os
import runpy
import signal
import socket
import sys
from importlib import import_module

from vibe.up.parent import die_with_parent
from vibe.up.process_title import set_title

NAME = "vibe.up.fork_server"
MESSAGE_LIMIT = 64 * 1024
STREAMS = 3
# Neither a server's event loop nor the agent library: what one program needs is its own.
SHARED = ("sandboxes.worker", "chat.worker", "vibe.cron", "vibe.jobs.scheduler")


def load() -> None:
    """Load what the web process and the workers have in common."""
    import django

    django.setup()
    for name in SHARED:
        import_module(name)
    gc.collect()
    gc.freeze()  # a collection would write into every object, and so make a copy of every page


def serve(control: socket.socket) -> list[str]:
    """Fork at each request. Returns in the forks alone: the command line to run."""
    bind = die_with_parent()

    def report(*_: object) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            _send(control, {"ended": pid, "status": os.waitstatus_to_exitcode(status)})

    signal.signal(signal.SIGCHLD, report)
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, MESSAGE_LIMIT, STREAMS)
        if not message:
            os._exit(0)  # nobody asks any more
        request = json.loads(message)
        # Its end must not be told before its beginning.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        pid = os.fork()
        if pid == 0:
            break
        for descriptor in descriptors:
            os.close(descriptor)
        _send(control, {"number": request["number"], "pid": pid})
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})

    control.close()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    os.setsid()
    for stream, descriptor in enumerate(descriptors):
        os.dup2(descriptor, stream)
        os.close(descriptor)
    if bind is not None:
        bind()
    return list(request["argv"])


def run(argv: list[str]) -> None:
    """Do what the interpreter does with this command line: `-m MODULE …` or `FILE …`."""
    set_title(argv)
    if argv[1] == "-m":
        sys.argv = argv[2:]
        runpy.run_module(argv[2], run_name="__main__", alter_sys=True)
    else:
        sys.argv = argv[1:]
        runpy.run_path(argv[1], run_name="__main__")


def _send(control: socket.socket, message: dict[str, object]) -> None:
    try:
        control.send(json.dumps(message).encode())
    except OSError:
        os._exit(0)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vibe.settings")
    set_title([sys.executable, "-m", NAME])
    load()
    run(serve(socket.socket(fileno=os.dup(0))))
