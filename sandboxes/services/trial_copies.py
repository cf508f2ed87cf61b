"""Copies of sandboxes on which something is tried that must not touch the data of the one that
people use. They are their owner's, count as any other, and are gone when that is done."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import transaction

from sandboxes.models import Command, Sandbox
from sandboxes.services import forks, lifecycle
from vibe.refusal import Refusal

# What an app would send to others is no trial any more.
NETWORK = "deny-all"


def make(source: Sandbox, name: str, seconds: int) -> Sandbox:
    """Ask for a running copy of all files of `source` as they are now, packages and data too, for
    `seconds` at most; it reaches nothing outside. Raises Refusal."""
    if source.mounts:
        raise Refusal(
            "Files of the app lie on a drive, of which no copy is made.",
            "Try it by hand, or in a sandbox without the drive.",
            code="unavailable",
        )
    with transaction.atomic():
        copy = forks.fork(source, name=name, timeout=seconds, network_policy=NETWORK)
        copy.persistent = False
        copy.save(update_fields=["persistent"])
    return copy


def end(ids: Collection[str]) -> None:
    """Delete these; those that are deleted already stay so."""
    for copy in Sandbox.objects.select_related("session").filter(pk__in=ids, deleted_at=None):
        lifecycle.delete(copy)


def refused_hosts(copy: Sandbox) -> list[str]:
    """What its commands have asked for outside, and not got."""
    rows: list[list[dict[str, Any]]] = list(
        Command.objects.filter(sandbox=copy).exclude(refused=[]).values_list("refused", flat=True)
    )
    return sorted({str(entry["host"]) for row in rows for entry in row})
