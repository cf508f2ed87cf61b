"""Prove that an engine does what its level promises, before anybody relies on it."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import select
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .errors import EngineError, EngineUnavailable
from .interface import Engine
from .landlock import abi
from .link import opening
from .spec import FIRST_BASE, RANGE, USER_ID, ExecSpec, Level, SandboxHandle, SandboxSpec

TEST_UID = 199_900  # of nobody, when we are root
TEST_BASE = FIRST_BASE + 65_300 * RANGE  # above those of sandboxes
TIMEOUT = 20.0  # seconds
PROBE = """
import json, os
status = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
links = [line.split(":")[0].strip() for line in open("/proc/net/dev") if ":" in line]
print(json.dumps({"uid": os.getuid(), "links": links, "first": os.path.exists("/run/vibe/agent"),
  **{key: status[key].strip() for key in ("NoNewPrivs", "Seccomp", "CapEff")}}))
"""
PROMISED = {"uid": 1000, "links": ["lo"], "first": True, "NoNewPrivs": "1", "Seccomp": "2",
            "CapEff": "0000000000000000"}  # fmt: skip


# At level "reduced": what must fail, each with the reason that it fails for.
ATTEMPTS = """
import ctypes, json, os, socket, sys
secret, pid, port = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
def outcome(action):
    try:
        action()
        return "worked"
    except OSError as error:
        return type(error).__name__
status = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
print(json.dumps({
  "read": outcome(lambda: open(secret)),
  "write": outcome(lambda: open(secret + ".new", "w")),
  "list": outcome(lambda: os.listdir(os.path.dirname(secret))),
  "signal": outcome(lambda: os.kill(pid, 0)),
  "look": outcome(lambda: open(f"/proc/{pid}/environ")),
  "connect": outcome(lambda: socket.create_connection(("127.0.0.1", port), 5)),
  "udp": outcome(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)),
  "unix": outcome(lambda: socket.socket(socket.AF_UNIX)),
  "NoNewPrivs": status["NoNewPrivs"].strip(), "Seccomp": status["Seccomp"].strip()}))
"""
REFUSED = "PermissionError"
KEPT = {"read": REFUSED, "write": REFUSED, "list": REFUSED, "signal": REFUSED, "look": REFUSED,
        "udp": "OSError", "unix": "OSError", "NoNewPrivs": "1", "Seccomp": "2"}  # fmt: skip


def self_test(engine: Engine, directory: Path) -> str:
    """Start a sandbox in `directory`, look at it from inside, end it.

    Returns why its sandboxes have no interface for programs that know no proxy, empty when they
    have. Raises EngineError when it does not start, EngineUnavailable when it is weaker than
    promised.
    """
    uid = TEST_UID - secrets.randbelow(900) if os.geteuid() == 0 else None
    name = f"selftest{secrets.token_hex(4)}"
    places = (directory / "root", directory / "run")
    spec = SandboxSpec(name, *places, uid, timeout=60.0, shared=directory / "shared")
    if engine.level is not Level.FULL:
        (directory / "root").mkdir(mode=0o711)
    handle = engine.start(spec)
    python = ["/usr/bin/python3", "-I", "-S", "-c"]
    try:
        if engine.level is Level.REDUCED:
            with _temptations(directory) as (arguments, promised):
                _compare(_run(engine, handle, [*python, ATTEMPTS, *arguments]), promised)
        else:
            output = _run(engine, handle, [*python, PROBE])
            if engine.level is Level.FULL:
                _compare(output, PROMISED)
                return _problem_of_link(handle)
        return "this level has no network of its own"
    finally:
        engine.kill(handle)


def _problem_of_link(handle: SandboxHandle) -> str:
    try:
        for sock in opening.open_link(handle):
            sock.close()
    except EngineError as error:
        return f"{error} {error.hint}"
    return ""


# What root inside must be, and where it must have come to nothing.
ROOT_PROBE = """
import json, os
status = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
def outcome(action):
    try:
        action()
        return "worked"
    except OSError as error:
        return type(error).__name__
print(json.dumps({"uid": os.getuid(), "system": outcome(lambda: open("/usr/test", "w")),
  "owner": os.stat("/usr/bin/env").st_uid,
  "kernel": outcome(lambda: open("/proc/sys/kernel/core_pattern", "w")),
  "namespaces": open("/proc/sys/user/max_user_namespaces").read().strip(),
  "mount": int(status["CapBnd"], 16) >> 21 & 1, "network": int(status["CapBnd"], 16) >> 12 & 1,
  "NoNewPrivs": status["NoNewPrivs"].strip(), "Seccomp": status["Seccomp"].strip(),
  "ids": open("/proc/self/uid_map").read().split()[1]}))
"""


def root_test(engine: Engine, directory: Path) -> None:
    """The same for a sandbox that is root of its own."""
    base = TEST_BASE + secrets.randbelow(90) * RANGE
    name = f"selftest{secrets.token_hex(4)}"
    places = (directory / "own", directory / "run")
    shared = directory / "shared"
    spec = SandboxSpec(name, *places, base + USER_ID, timeout=60.0, base=base, shared=shared)
    handle = engine.start(spec)
    python = ["/usr/bin/python3", "-I", "-S", "-c"]
    promised = {"uid": 0, "system": "worked", "owner": 0, "namespaces": "0", "mount": 0,
                "network": 0, "NoNewPrivs": "1", "Seccomp": "2", "ids": str(base)}  # fmt: skip
    try:
        _compare(_run(engine, handle, [*python, PROBE]), PROMISED)
        output = _run(engine, handle, [*python, ROOT_PROBE], sudo=True)
        _compare(output, promised)
        if json.loads(output)["kernel"] == "worked":
            raise EngineUnavailable("Root of a sandbox can change the kernel's settings.")
    finally:
        engine.kill(handle)


@contextlib.contextmanager
def _temptations(directory: Path) -> Iterator[tuple[list[str], dict[str, str]]]:
    """A file, a process and a server that a sandbox must not reach; what must come of trying."""
    (directory / "private").mkdir(mode=0o755)
    secret = directory / "private/secret"
    secret.write_text("secret")
    secret.chmod(0o644)
    promised = {**KEPT, "connect": REFUSED} if abi.closes_network() else KEPT
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        yield [str(secret), str(os.getpid()), str(port)], promised


def _run(engine: Engine, handle: SandboxHandle, argv: list[str], sudo: bool = False) -> bytes:
    name = "selftest-root" if sudo else "selftest"
    with engine.agent(handle).exec(ExecSpec(name, argv, timeout=TIMEOUT, sudo=sudo)) as command:
        poll = select.poll()
        poll.register(command.connection, select.POLLIN)
        ended = command.exit() if poll.poll(TIMEOUT * 1000) else None
        if ended is None or ended.code != 0:
            raise EngineError(f"A first command did not succeed in the sandbox: {ended}.")
        return os.read(command.stdout, 65536)


def _compare(output: bytes, expected: dict[str, Any]) -> None:
    try:
        seen = json.loads(output)
    except ValueError:
        raise EngineUnavailable("The sandbox gave no account of itself.")
    for key, promised in expected.items():
        if seen.get(key) != promised:
            raise EngineUnavailable(
                f"The sandbox is weaker than it should be: {key} is {seen.get(key)!r} "
                f"instead of {promised!r}.",
                "Report this, with your kernel's version.",
            )
