"""What the model of a turn is called where people read it."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from chat.models import Conversation, LanguageModel
from chat.providers import DEMO
from chat.providers.recordings import is_recorded
from vibe.accounts.models import User

BUILT_IN = "Demo model"
# Prefixes of ids that the environment gives; what follows is the provider's own name for it.
PREFIXES = ("openai:", "anthropic:", "custom:")


def labels_of(model_ids: Iterable[str], conversation_id: str) -> dict[str, str]:
    """Label by id, in one query at most. One that is gone is called by its id."""
    owner = Conversation.objects.filter(pk=conversation_id).values("owner")
    return _labels(model_ids, Q(provider__owner=None) | Q(provider__owner__in=owner))


def labels_for(model_ids: Iterable[str], owner: User | None) -> dict[str, str]:
    """The same for what the user's models are called; None: everybody's, for staff."""
    usable = Q() if owner is None else Q(provider__owner=None) | Q(provider__owner=owner)
    return _labels(model_ids, usable)


def _labels(model_ids: Iterable[str], usable: Q) -> dict[str, str]:
    wanted = {one for one in model_ids if one}
    labels = {one: _built_in(one) for one in wanted}
    entered = [one for one in wanted if not (one == DEMO or is_recorded(one))]
    if not entered:
        return labels
    rows = LanguageModel.objects.filter(usable, shown_id__in=entered)
    return labels | {
        shown_id: label for shown_id, label in rows.values_list("shown_id", "label") if label
    }


def _built_in(model_id: str) -> str:
    if model_id == DEMO:
        return BUILT_IN
    if is_recorded(model_id):
        return "Recorded session"
    for prefix in PREFIXES:
        if model_id.startswith(prefix) and len(model_id) > len(prefix):
            return model_id.removeprefix(prefix)
    return model_id
