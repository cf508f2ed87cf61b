"""An owner's quotas with what is used of each, to be shown before one is reached."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db.models import F, Sum

from sandboxes.models import Command
from sandboxes.services import quotas
from sandboxes.services.amounts import in_words
from vibe.accounts.models import User
from vibe.accounts.services import kept

BYTES = "bytes"
NEAR = 0.8  # from this part on it is worth a colour
TOLD = 0.5  # and from this part on a place on the page before anybody asks


@dataclass(frozen=True)
class Quota:
    """`most` 0: no limit. `unit` is "" for what is counted one by one."""

    name: str
    label: str
    used: int
    most: int
    unit: str = ""

    @property
    def is_near(self) -> bool:
        return bool(self.most) and self.used >= self.most * NEAR

    @property
    def is_told(self) -> bool:
        return bool(self.most) and self.used >= self.most * TOLD

    @property
    def text(self) -> str:
        """ "Disk 1.2 GB of 20 GB", "7 of 200 sandboxes kept"."""
        if self.unit == BYTES:
            of = f" of {in_words(self.most)}" if self.most else ""
            return f"{self.label} {in_words(self.used)}{of}"
        of = f" of {self.most}" if self.most else ""
        return f"{self.used}{of} {self.label}"


def list_for(owner: User) -> list[Quota]:
    """All of them; where none holds for the owner, every `most` is 0."""
    use = quotas.use_of(owner.pk)
    rows = Command.objects.filter(sandbox__owner=owner).order_by()
    active = rows.exclude(status=Command.Status.FINISHED).count()
    logs = rows.filter(status=Command.Status.FINISHED, log_removed_at=None).aggregate(
        n=Sum(F("log_size") - F("dropped_bytes"))
    )
    found = [
        Quota("disk", "Disk", use.disk, settings.DISK_PER_USER_MB << 20, BYTES),
        Quota("sandboxes", "sandboxes kept", use.sandboxes, settings.SANDBOXES_KEPT_PER_USER),
        Quota("running", "running", use.running, settings.SANDBOXES_PER_USER),
        Quota("commands", "commands at once", active, settings.COMMANDS_PER_USER),
        Quota("snapshots", "snapshots", use.snapshots, settings.SNAPSHOTS_PER_USER),
        Quota("drives", "drives", use.drives, settings.DRIVES_PER_USER),
        Quota("logs", "Logs", int(logs["n"] or 0), settings.LOG_PER_USER_MB << 20, BYTES),
    ]
    found += [
        Quota(kind.name, kind.label, kind.rows(owner.pk).order_by().count(), kind.most())
        for _, kind in sorted(kept.KINDS.items())
    ]
    if use.free:
        return [Quota(one.name, one.label, one.used, 0, one.unit) for one in found]
    return found
