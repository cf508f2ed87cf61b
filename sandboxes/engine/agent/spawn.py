"""Fork and exec of one command: what happens between the two, in the child."""

from __future__ import annotations

import errno
import fcntl
import os
import resource
import stat

from .bare import signal
from .identity import Identity
from .kernel import make_controlling, volunteer_command
from .mending import check_line_ends, mending
from .owners import wear

NOT_FOUND, NOT_EXECUTABLE = 127, 126  # what a shell answers
FIRST_FREE = 64  # received numbers are moved above this before 0, 1, 2 are overwritten


def fork_command(
    argv: list[str],
    cwd: str,
    env: dict[str, str],
    rlimits: list[tuple[int, int]],
    streams: tuple[int, int, int],
    report: int,
    *,
    terminal: bool = False,
    identity: Identity | None = None,
    mark: int,
) -> int:
    """Start a command in a session of its own and return its pid at once.

    The child writes `code message` to `report` when it cannot start; `report` is close-on-exec,
    so a program that has started leaves nothing in it. A stdin of -1 is empty. With `terminal`
    all three are one pseudo-terminal, which becomes the controlling terminal of the session.
    `identity` is whom to run as, None for the agent's own user. `mark` tells whose it is.
    """
    pid = os.fork()
    if pid:
        return pid
    code = NOT_EXECUTABLE
    try:
        os.setsid()
        default_signals()
        report = _install(streams, report)
        if terminal:
            make_controlling(0)
        volunteer_command()
        apply_rlimits(rlimits)
        wear(mark)
        os.umask(0o022)
        if identity is not None:
            for stream in range(3):  # or opening /dev/stdout would be refused
                _give(stream, identity)
            identity.become()
        os.chdir(cwd)
        cwd = ""
        if "/" in argv[0]:
            check_line_ends(argv[0])
        _execute(argv, env)
    except BaseException as error:  # whatever it is: this process must not return to the loop
        if not cwd and isinstance(error, PermissionError) and not _exists(argv[0], env):
            error = FileNotFoundError(errno.ENOENT, "")
        code = _complain(report, argv[0], cwd, env, error)
    finally:
        os._exit(code)


def _execute(argv: list[str], env: dict[str, str]) -> None:
    """As os.execvpe, which would load a module in each child for PATHs made of bytes."""
    refusal: OSError | None = None
    for path in places(argv[0], env):
        try:
            os.execve(path, argv, env)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            if refusal is None:
                refusal = error
    raise refusal or FileNotFoundError(errno.ENOENT, "")


def _give(stream: int, identity: Identity) -> None:
    kind = os.fstat(stream).st_mode
    if stat.S_ISFIFO(kind) or os.isatty(stream):
        os.fchown(stream, identity.uid, identity.gid)


def default_signals() -> None:
    """Give the child the dispositions that a program expects; the agent ignores most signals."""
    signal.set_wakeup_fd(-1)
    for number in range(1, signal.NSIG):
        if signal.getsignal(number) not in (signal.SIG_DFL, None):
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def apply_rlimits(rlimits: list[tuple[int, int]]) -> None:
    for kind, limit in rlimits:
        _, hard = resource.getrlimit(kind)
        if hard != resource.RLIM_INFINITY:
            limit = min(limit, hard)
        resource.setrlimit(kind, (limit, limit))


def _install(streams: tuple[int, int, int], report: int) -> int:
    """Put the streams on 0, 1, 2, close everything else, return the new number of `report`."""
    stdin, stdout, stderr = streams
    if stdin < 0:
        stdin = os.open(os.devnull, os.O_RDONLY)
    high = [fcntl.fcntl(number, fcntl.F_DUPFD, FIRST_FREE) for number in (stdin, stdout, stderr)]
    report = fcntl.fcntl(report, fcntl.F_DUPFD, FIRST_FREE)
    for target, number in enumerate(high):
        os.dup2(number, target)
    os.dup2(report, 3, inheritable=False)
    os.closerange(4, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    return 3


def _exists(program: str, env: dict[str, str]) -> bool:
    """Whether there is such a program. A directory of PATH that we may not enter counts as
    empty, as it does for a shell; exec alone would call that "Permission denied"."""
    return any(os.path.lexists(path) for path in places(program, env))


def places(program: str, env: dict[str, str]) -> list[str]:
    """Where a program may lie: as it is when it has a slash, else in the directories of PATH."""
    if "/" in program:
        return [program]
    directories = env.get("PATH", os.defpath).split(os.pathsep)
    return [os.path.join(directory, program) for directory in directories]


def _complain(
    report: int, program: str, cwd: str, env: dict[str, str], error: BaseException
) -> int:
    number = getattr(error, "errno", None) or 0
    reason = os.strerror(number) if number else str(error) or type(error).__name__
    code = NOT_EXECUTABLE
    if cwd:
        reason = f"Working directory: {reason}: {cwd}"
    else:
        code = NOT_FOUND if number in (errno.ENOENT, errno.ENOTDIR) else NOT_EXECUTABLE
        reason = f"{reason}: {program}"
        if more := mending(program, number, places(program, env)):
            reason = f"{reason}. {more}"
    try:
        os.write(report, f"{code} {reason}".encode("utf-8", "backslashreplace")[:1000])
    except OSError:
        pass
    return code
