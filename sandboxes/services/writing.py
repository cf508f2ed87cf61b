"""One operation on files that may fill the disk: how much it may, and how much it has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone

from sandboxes.engine import Budget, FileError
from sandboxes.host import reserve
from sandboxes.models import Sandbox
from sandboxes.services import limits, quotas
from sandboxes.services.amounts import in_words
from vibe.refusal import Refusal

# What streams in is counted after so many bytes: others that write at the same time see it then.
STEP = 16 << 20
# A step takes less than this (seconds); who has died in one does not hinder a count for longer.
STEP_SECONDS = 60


class Writing:
    """Bounds of one operation on a sandbox's files, for the engine in `budget`.

    What writes at the same time can together fill twice what was left at most, and what archives
    hold beyond their packed size: each is held to what was left when it began, and all of them to
    the reserve of the disk. `grows` False: it only frees space, so a full disk is no hindrance.
    """

    def __init__(self, sandbox: Sandbox, *, grows: bool = True) -> None:
        """Raises Refusal when the machine's disk is nearly full."""
        if grows:
            quotas.check_reserve()
        self.sandbox = sandbox
        self._recorded = 0
        self._record(0, under_way=True)
        self._most = limits.of(sandbox)
        own, owners = self._left()
        self.budget = Budget(
            room=max(0, own if owners is None else min(own, owners)),
            file_bytes=self._most.file_bytes,
            reserve=reserve.size(),
        )

    def passing(self, content: Iterable[bytes]) -> Iterator[bytes]:
        """The content, counted on its way. Raises Refusal when others have used up the room."""
        waiting = 0
        for piece in content:
            yield piece
            waiting += len(piece)
            if waiting >= STEP:
                self._record(waiting, under_way=True)
                waiting = 0
                self._check_others()

    def done(self, *, running: bool) -> None:
        """It was carried out: remember what it has added."""
        self._record(self.budget.grown - self._recorded, count_again=not running)

    def failed(self, error: BaseException, *, running: bool) -> Refusal | None:
        """It was not: what it had added is gone again. The words where a quota was the reason."""
        self._record(-self._recorded, count_again=not running)
        if not isinstance(error, FileError):
            return None
        match error.code:
            case "file_too_large":
                return Refusal(
                    f"One file in this sandbox may have at most {in_words(self._most.file_bytes)}.",
                    "Split the file, or give the sandbox a higher file_mb.",
                    "too_large",
                )
            case "disk_reserve":
                return quotas.DiskNearlyFull()
            case "no_room":
                return self._no_room()
        return None

    def _left(self) -> tuple[int, int | None]:
        """Bytes that the sandbox and that its owner may still fill."""
        used = Sandbox.objects.values_list("disk_bytes", flat=True).get(pk=self.sandbox.pk)
        use = quotas.use_of(self.sandbox.owner_id)
        return self._most.disk_bytes - used, quotas.disk_left(use)

    def _check_others(self) -> None:
        quotas.check_reserve()
        own, owners = self._left()
        left = own if owners is None else min(own, owners)
        if left + self._recorded < 0:
            raise self._no_room()

    def _no_room(self) -> Refusal:
        own, owners = self._left()
        if owners is not None and owners < own:
            return quotas.no_disk_left(self.sandbox.owner_id)
        return quotas.QuotaReached(
            f"The sandbox {self.sandbox.name} would hold more than its "
            f"{in_words(self._most.disk_bytes)} of files, so nothing was written.",
            "Delete files in it that you do not need, or give the sandbox a higher disk_mb.",
        )

    def _record(self, size: int, *, under_way: bool = False, count_again: bool = False) -> None:
        """Of a sandbox that does not run, the files are counted soon; else LimitWatch does."""
        now = timezone.now()
        changes: dict[str, object] = {
            "written_until": now + timedelta(seconds=STEP_SECONDS) if under_way else now
        }
        if count_again:
            changes["disk_counted_at"] = None
        if size:
            changes["disk_bytes"] = Greatest(F("disk_bytes") + size, 0)
            self._recorded += size
        Sandbox.objects.filter(pk=self.sandbox.pk).update(**changes)
