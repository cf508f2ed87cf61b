"""What stays free on this machine's disk for the platform: database, Valkey, sign-in."""

from __future__ import annotations

import os

from django.conf import settings

GB = 1 << 30
# Where the operator says nothing: this part of the disk, within these bounds.
PART, LEAST, MOST = 20, GB, 10 * GB


def size() -> int:
    """Bytes of the reserve; 0 for none."""
    if settings.DISK_RESERVE_MB >= 0:
        return settings.DISK_RESERVE_MB << 20
    disk = os.statvfs(settings.DATA_DIR)
    return min(max(disk.f_blocks * disk.f_frsize // PART, LEAST), MOST)


def free() -> int:
    """Bytes that are free on the disk of the data directory."""
    disk = os.statvfs(settings.DATA_DIR)
    return disk.f_bavail * disk.f_frsize


def is_held() -> bool:
    """Whether as much is free as is to stay free."""
    wanted = size()
    return not wanted or free() >= wanted
