"""What an `exec` request asks for, checked, and the fork that fulfils it."""

from __future__ import annotations

import os

from . import streams
from .channel import close_all
from .identity import ROOT
from .ready import Ready, poll_in
from .refusal import Refused
from .settings import Settings
from .spawn import fork_command
from .streams import Streams

# An exec takes less than a millisecond; only on a machine that is very busy does the host hear of a
# failure by the exit, after it has been told that the command runs.
EXEC_SECONDS = 0.5


def start(request: dict, settings: Settings, ready: Ready, mark: int) -> tuple[int, Streams, int]:
    """(pid, streams, where the child says why it could not exec); raises Refused."""
    argv = request.get("argv")
    if not isinstance(argv, list) or not argv or not all(_is_argument(a) for a in argv):
        raise Refused("invalid", "argv must be a list of strings without NUL.")
    env = {**settings.env, **request.get("env", {})}
    user = identity = settings.identity
    if request.get("sudo") is True:
        if user is None:
            raise Refused("no_root", "There is no root in this sandbox.")
        identity = ROOT
        env = ROOT.environment(env, user)
    if not all(_is_argument(k) and "=" not in k and _is_argument(v) for k, v in env.items()):
        raise Refused("invalid", "Environment names and values must be strings without NUL.")
    cwd = settings.locate(text(request, "cwd") or ".")
    if not _is_argument(cwd):
        raise Refused("invalid", "The working directory must not contain NUL.")
    opened: list[int] = []
    try:
        kept = streams.of_request(ready, request)
        try:
            opened += os.pipe2(os.O_CLOEXEC)
            report_r, report_w = opened
            os.set_blocking(report_r, False)
            pid = fork_command(
                argv, cwd, env, settings.rlimits, kept.child, report_w,
                terminal=kept.terminal is not None, identity=identity, mark=mark,
            )  # fmt: skip
        except BaseException:
            kept.abandon()
            raise
    except OSError as error:
        close_all(opened)
        raise Refused("limit", f"The command could not be started: {error.strerror}.")
    os.close(report_w)
    kept.started()
    return pid, kept, report_r


def text(request: dict, key: str) -> str:
    value = request.get(key, "")
    if not isinstance(value, str):
        raise Refused("invalid", f"{key} must be a string.")
    return value


def _is_argument(value: object) -> bool:
    return isinstance(value, str) and "\0" not in value


def start_failure(report: int) -> tuple[str, int]:
    """Read what the child left when it could not exec: (reason, shell exit code)."""
    try:
        content = os.read(report, 4096).decode("utf-8", "replace")
    except OSError:
        content = ""
    finally:
        os.close(report)
    code, _, reason = content.partition(" ")
    return (reason, int(code)) if reason and code.isdigit() else ("", 0)


def has_failed(report: int) -> bool:
    """Whether a child just forked has complained; its exec closes the other end of `report`."""
    return poll_in(report, EXEC_SECONDS)
