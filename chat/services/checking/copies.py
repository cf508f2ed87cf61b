"""The copies of apps on which checks send forms: taken, and given back whatever becomes of them."""

from __future__ import annotations

from django.db import transaction

from chat.models import Check
from sandboxes.models import Sandbox
from sandboxes.services import trial_copies

# A copy ends by itself after that, also where nobody comes back to delete it.
LONGEST_SECONDS = 300


def take(check: Check) -> Sandbox:
    """Ask for a copy of the app; it goes with the check's end at the latest. Raises Refusal."""
    source = check.turn.conversation.sandbox
    assert source is not None
    with transaction.atomic():
        copy = trial_copies.make(source, f"check-{check.pk[-8:]}", LONGEST_SECONDS)
        Check.objects.filter(pk=check.pk).update(copy=copy)
    return copy


def give_back(check_id: str) -> None:
    """Delete the check's copy, if there is one."""
    made = Check.objects.filter(pk=check_id).exclude(copy=None)
    trial_copies.end([str(one) for one in made.values_list("copy_id", flat=True)])
    made.update(copy=None)


def give_back_lost() -> None:
    """Delete copies whose check has ended, where its process died in between."""
    ended = Check.objects.filter(status__in=Check.ENDED).exclude(copy=None)
    for check_id in ended.values_list("pk", flat=True):
        give_back(check_id)
