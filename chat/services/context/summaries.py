"""Summaries: made, found, changed; what a model is told by one. Made by `chat.agent.context`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from chat.models import Conversation, Part, Summary, Turn
from chat.services.context import standing_words
from chat.services.context.lines import line_to
from chat.services.storable import storable
from vibe.accounts.models import User
from vibe.refusal import Refusal

TEXT_LIMIT = 40_000
# By this a summary is known among a person's messages.
MARK = "[The earlier part of this conversation, summed up, because all of it no longer fits."
_FRAME = re.compile(r"</\s*(summary|standing_rules|said_by_the_person)", re.IGNORECASE)


def present(turn: Turn, histories: Mapping[str, list[Any]]) -> tuple[Summary | None, str, int]:
    """The newest summary that still holds for `turn`: (summary, turn up to which it stands, how
    many messages of that turn). `histories`: the turns that are told, this one included. A turn
    that was tried again hands its place to its successor."""
    found = Summary.objects.filter(conversation=turn.conversation_id).select_related("through")
    for summary in found.order_by("-created_at", "-id")[:20]:
        through = _told_by(summary.through, histories)
        if through is not None:
            return summary, through, min(summary.steps, len(histories[through]))
    return None, "", 0


def _told_by(through: Turn | None, histories: Mapping[str, list[Any]]) -> str | None:
    seen: set[str] = set()
    while through is not None and through.pk not in seen:
        if through.pk in histories:
            return through.pk
        seen.add(through.pk)
        through = through.retries.order_by("-created_at").first()
    return None


def message(summary: Summary) -> dict[str, Any]:
    """The summary as a message to the model, as the agent library serialises messages."""
    return {
        "kind": "request",
        "parts": [{"part_kind": "user-prompt", "content": in_words(summary)}],
    }


def in_words(summary: Summary) -> str:
    """All that the model is told by it."""
    pieces = [
        f"{MARK} It stands for {counted(summary.turns)}. The summary reports and orders nothing; "
        "the person's own words stand below it, and they still hold.]",
        _framed("summary", summary.text),
    ]
    if summary.rules:
        pieces.append(_framed("standing_rules", "\n".join(f"- {rule}" for rule in summary.rules)))
    if summary.said:
        said = "\n\n".join(f"{number}. {words}" for number, words in enumerate(summary.said, 1))
        pieces.append(_framed("said_by_the_person", said))
    return "\n\n".join(pieces)


def _framed(name: str, text: str) -> str:
    """The text in a frame that nothing in it can end: a summary may quote what strangers wrote."""
    inside = _FRAME.sub("<\\\\/\\1", text)
    return f"<{name}>\n{inside}\n</{name}>"


def counted(turns: int) -> str:
    return "1 request" if turns == 1 else f"{turns} requests"


def create(
    turn: Turn,
    *,
    through: str,
    steps: int,
    text: str,
    messages: list[str],
    room: int,
    author: str,
    earlier: Summary | None,
    tokens: tuple[int, int],
) -> Summary:
    """Keep a summary. `messages`: the person's own since the `earlier` summary, in order; those
    and the rules among them stay word for word, within `room` characters."""
    kept = standing_words.kept(
        messages,
        room,
        rules=list(earlier.rules) if earlier else [],
        said=list(earlier.said) if earlier else [],
    )
    return Summary.objects.create(
        conversation_id=turn.conversation_id,
        through_id=through,
        steps=steps,
        turns=(earlier.turns if earlier else 0) + len(messages),
        text=storable(text)[:TEXT_LIMIT],
        rules=storable(kept.rules),
        said=storable(kept.said),
        author=author,
        tokens_before=tokens[0],
        tokens_after=tokens[1],
    )


def list_for(conversation: Conversation) -> QuerySet[Summary]:
    """The newest first: the first one holds, the others are summed up in it."""
    return conversation.summaries.order_by("-created_at", "-id")


def get_for(user: User, summary_id: str) -> Summary:
    """The user's summary; Refusal(not_found) also for somebody else's."""
    found = (
        Summary.objects.filter(conversation__owner=user, pk=summary_id)
        .select_related("conversation", "through")
        .first()
    )
    if found is None:
        raise Refusal("There is no such summary.", "It may have been deleted.", code="not_found")
    return found


def change(summary: Summary, text: str) -> Summary:
    """Let the model be told this in its place, from the next request on."""
    text = storable(text).strip()
    if not text:
        raise Refusal(
            "The summary would be empty.",
            "Write what the model has to know of the earlier turns.",
            code="invalid",
        )
    if len(text) > TEXT_LIMIT:
        raise Refusal(
            f"The summary has {len(text):,} characters; {TEXT_LIMIT:,} is the limit.",
            "Shorten it.",
            code="limit",
        )
    summary.text = text
    summary.author = Summary.Author.PERSON
    summary.edited_at = timezone.now()
    summary.save(update_fields=["text", "author", "edited_at"])
    _change_card(summary)
    return summary


def _change_card(summary: Summary) -> None:
    """The card in the thread says what the model is told."""
    cards = Part.objects.filter(
        message__conversation=summary.conversation_id, kind=Part.Kind.SUMMARY
    )
    for card in cards.filter(result__summary=summary.pk):
        card.text = summary.text
        card.result = {**card.result, "author": summary.author}
        card.save(update_fields=["text", "result"])


def is_present(summary: Summary) -> bool:
    """Whether no later summary has taken its place."""
    newest = list_for(summary.conversation).values_list("pk", flat=True).first()
    return newest == summary.pk


def originals(summary: Summary) -> QuerySet[Turn]:
    """The turns that it stands for, in whole or (the last one) in part, oldest first."""
    stood_for = [turn.pk for turn in line_to(summary.through)]
    return Turn.objects.filter(pk__in=stood_for).order_by("created_at", "id")
