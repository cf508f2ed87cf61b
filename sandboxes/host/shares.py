"""What a sandbox has of its host for itself: a directory, user ids, ports, by its number."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings
from django.db.models import Max

from sandboxes.engine import PORTS_EACH
from sandboxes.engine.spec import FIRST_BASE, RANGE, RANGES, USER_ID
from sandboxes.engine.trees.ids import Shift
from sandboxes.host import isolation
from sandboxes.models import Sandbox, WarmSandbox

# Host users of sandboxes when the platform runs as root: one each, so that they are strangers.
FIRST_UID = 200_000
UID_COUNT = 60_000
# Host ids from a sandbox's first one on that its files may be owned by.
IDS_OF_SANDBOX = 65_536
# TCP ports of sandboxes where they share the host's network: below those that the kernel hands out.
FIRST_PORT, PORT_SHARES = 20_000, 1_200
WARM = ".warm-"  # before the names of the directories of those that are nobody's yet


def newest_number() -> int:
    """The highest number that a sandbox has, or one that waits to become one; 0 for none."""
    tables = (Sandbox.objects, WarmSandbox.objects)
    return max(table.aggregate(newest=Max("number"))["newest"] or 0 for table in tables)


def root_of(sandbox: Sandbox) -> Path:
    """Where a sandbox's files lie on the host."""
    return settings.DATA_DIR / "sandboxes" / sandbox.id


def warm_root_of(name: str) -> Path:
    return settings.DATA_DIR / "sandboxes" / f"{WARM}{name}"


def first_id_of(number: int) -> int | None:
    """First of the host ids that own the sandbox's files; None: they are the platform's own."""
    if os.geteuid() != 0:
        return None
    if isolation.root_of_its_own():
        return FIRST_BASE + number % RANGES * RANGE
    return FIRST_UID + number % UID_COUNT


def ids_of(number: int) -> tuple[int | None, int | None]:
    """(host user, first of the host ids of its own)."""
    first = first_id_of(number)
    if first is None or not isolation.root_of_its_own():
        return first, None
    return first + USER_ID, first


def first_port_of(number: int) -> int:
    """First of its TCP ports where it shares those of the host."""
    return FIRST_PORT + number % PORT_SHARES * PORTS_EACH


def shift(stored: int | None, wanted: int | None) -> Shift | None:
    """What becomes of the owners of files whose first id was `stored`; None: they stay."""
    if stored is None or wanted is None or stored == wanted:
        return None
    return Shift(first=stored, to=wanted, count=IDS_OF_SANDBOX)
