"""What the network policy `registries` means on this machine: what was found, and what is named."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from sandboxes.engine.egress.discovery import everything
from sandboxes.engine.egress.registries import Registries, Registry


def directory() -> Path:
    """Where the platform keeps what it knows of the network."""
    return Path(settings.DATA_DIR) / "network"


def known() -> list[Registry] | None:
    """What was found the last time, and what the operator names; None before the first time."""
    if not settings.EGRESS_DISCOVERY:
        return _named()
    kept = everything.load(directory())
    return None if kept is None else [*_named(), *kept.registries]


def refreshed() -> list[Registry]:
    """The same, looked for again unless that was done a short while ago. Takes seconds."""
    kept = everything.load(directory())
    if not settings.EGRESS_DISCOVERY:
        return _named()
    if kept is None or not kept.fresh:
        kept = everything.completed(everything.discover(), kept)
        everything.save(directory(), kept)
    return [*_named(), *kept.registries]


def are_fresh() -> bool:
    """False when an index did not answer, so that it should be asked again soon."""
    kept = everything.load(directory())
    return not settings.EGRESS_DISCOVERY or (kept is not None and kept.fresh)


def hosts() -> list[str]:
    """Patterns of the hosts that the policy `registries` opens on this machine, sorted."""
    return Registries(known() or _named()).patterns()


def _named() -> list[Registry]:
    return everything.named(settings.EGRESS_ALLOW)
