"""Prove that an engine does what its level promises, before anybody relies on it."""

from __future__ import annotations

import json
import os
import secrets
import select
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import EngineError, EngineUnavailable
from .spec import ExecSpec, SandboxHandle, SandboxSpec

if TYPE_CHECKING:
    from .levels import Engine

TEST_UID = 199_999  # of nobody, when we are root
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


def self_test(engine: Engine, directory: Path) -> None:
    """Start a sandbox in `directory`, look at it from inside, end it.

    Raises EngineError when it does not start, EngineUnavailable when it is weaker than promised.
    """
    uid = TEST_UID if os.geteuid() == 0 else None
    name = f"selftest{secrets.token_hex(4)}"
    spec = SandboxSpec(name, directory / "root", directory / "run", uid, timeout=60.0)
    if engine.level == "none":
        (directory / "root").mkdir(mode=0o711)
    handle = engine.start(spec)
    try:
        output = _run(engine, handle, ["/usr/bin/python3", "-I", "-S", "-c", PROBE])
    finally:
        engine.kill(handle)
    if engine.level == "full":
        _compare(output)


def _run(engine: Engine, handle: SandboxHandle, argv: list[str]) -> bytes:
    with engine.agent(handle).exec(ExecSpec("selftest", argv, timeout=TIMEOUT)) as command:
        poll = select.poll()
        poll.register(command.connection, select.POLLIN)
        ended = command.exit() if poll.poll(TIMEOUT * 1000) else None
        if ended is None or ended.code != 0:
            raise EngineError(f"A first command did not succeed in the sandbox: {ended}.")
        return os.read(command.stdout, 65536)


def _compare(output: bytes) -> None:
    try:
        seen = json.loads(output)
    except ValueError:
        raise EngineUnavailable("The sandbox gave no account of itself.")
    for key, promised in PROMISED.items():
        if seen.get(key) != promised:
            raise EngineUnavailable(
                f"The sandbox is weaker than it should be: {key} is {seen.get(key)!r} "
                f"instead of {promised!r}.",
                "Report this, with your kernel's version.",
            )
