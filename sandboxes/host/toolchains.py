"""What the operator gives sandboxes besides this machine's /usr: directories with programs."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.conf import settings

from sandboxes.engine import Level, mount_points, programs
from sandboxes.engine.spec import HOME, PATH, PROGRAMS, Mount
from vibe.refusal import Refusal

SETTING = "VIBE_SANDBOX_TOOLCHAINS"


@cache
def mounts() -> tuple[Mount, ...]:
    """Read-only, each at its place. Raises Refusal when the setting makes no sense."""
    return tuple(_mount(text) for text in settings.SANDBOX_TOOLCHAINS)


def variables(level: Level) -> dict[str, str]:
    """PATH with the programs of those directories before the others, where they are mounted."""
    if not level.mounts:
        return {}
    found = [mount.inside for mount in mounts()]
    first = [f"{inside}/bin" for mount, inside in zip(mounts(), found, strict=True)
             if (mount.source / "bin").is_dir()]  # fmt: skip
    return {"PATH": ":".join([*first, PATH])} if first else {}


def settings_of_programs(level: Level) -> dict[str, str]:
    """Variables by which package managers install for the user; the engine has its own where
    nothing can be mounted."""
    return programs.environment(PROGRAMS, HOME) if level.mounts else {}


def system() -> Path | None:
    """The operator's root file system for sandboxes; None: this machine's."""
    root: Path | None = settings.SANDBOX_ROOT
    if root is not None and not (root / "usr").is_dir():
        raise Refusal(
            f"VIBE_SANDBOX_ROOT is {root}, which is no root file system: it has no directory usr.",
            "Make one there, for example with debootstrap, or leave the setting out.",
            code="unavailable",
        )
    return root


def _mount(text: str) -> Mount:
    source, colon, inside = text.partition(":")
    inside = inside if colon else source
    reason = mount_points.problem(inside)
    if not reason and not (source.startswith("/") and Path(source).is_dir()):
        reason = f"{source} is no directory"
    if reason:
        raise Refusal(
            f"{SETTING} names {text!r}, which cannot be mounted: {reason}.",
            "Write it as /directory/here:/opt/name, and separate several by commas.",
            code="unavailable",
        )
    return Mount(Path(source), inside, read_only=True)
