"""How many versions a conversation keeps: the newest, and whichever has a name or a star."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from chat.models import Conversation, Version
from sandboxes.models import Checkpoint
from sandboxes.services import checkpoints

# So many at a time, because each time the repository is gone through.
BATCH = 20


def thin_out(conversation: Conversation) -> int:
    """Give up the oldest that nobody has named or marked, beyond VIBE_VERSIONS_KEPT; how many."""
    most = int(settings.VERSIONS_KEPT)
    numbered = Version.objects.filter(conversation=conversation, number__isnull=False)
    if not most or numbered.count() < most + BATCH:
        return 0
    newest = numbered.order_by("-number").values_list("pk", flat=True)[:most]
    old = numbered.filter(favourite=False, name="").exclude(pk__in=list(newest))
    ids = list(old.values_list("checkpoint_id", flat=True))
    if not ids:
        return 0
    with transaction.atomic():
        _tell_changes_against_what_stays(set(ids))
        checkpoints.forget(ids)
    return len(ids)


def _tell_changes_against_what_stays(ids: set[str]) -> None:
    """What a version has changed is told against the one before it: the last of those that stay."""
    for one in Checkpoint.objects.filter(base__in=ids).exclude(pk__in=ids).select_related("base"):
        base = one.base
        while base is not None and base.pk in ids:
            base = base.base
        Checkpoint.objects.filter(pk=one.pk).update(base=base)
