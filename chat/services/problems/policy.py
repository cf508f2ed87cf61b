"""What is done about errors of each kind: the conversation's word, else the operator's."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.db import transaction

from chat.models import Conversation
from chat.problems.deciding import ACTIONS, ASK, FIX
from chat.problems.found import KINDS
from chat.services.reconsidering import decide_anew
from vibe.refusal import Refusal


def of(conversation: Conversation) -> dict[str, str]:
    """The action for each kind of error."""
    own = {kind: word for kind, word in conversation.error_policy.items() if word in ACTIONS}
    return {**operators(), **own}


def operators() -> dict[str, str]:
    """By the setting; a word that it does not know asks, which costs nothing."""
    said = settings.PROBLEM_POLICY.replace(" ", "")
    if "=" not in said:
        word = said if said in ACTIONS else ASK
        return dict.fromkeys(KINDS, word)
    found = dict.fromkeys(KINDS, FIX)
    for pair in said.split(","):
        kind, _, word = pair.partition("=")
        if kind in found:
            found[kind] = word if word in ACTIONS else ASK
    return found


def choose(conversation: Conversation, chosen: Mapping[str, str]) -> Conversation:
    """Set the action for some kinds; "" goes back to the operator's. Raises Refusal(invalid)."""
    for kind, word in chosen.items():
        if kind not in KINDS or word not in (*ACTIONS, ""):
            raise Refusal(
                f"There is no policy {word[:20]!r} for errors of the kind {kind[:20]!r}.",
                f"Kinds are {', '.join(KINDS)}; policies are {', '.join(ACTIONS)}.",
            )
    with transaction.atomic():
        kept = {**conversation.error_policy, **chosen}
        conversation.error_policy = {kind: word for kind, word in kept.items() if word}
        conversation.save(update_fields=["error_policy"])
        decide_anew(conversation)
    return conversation
