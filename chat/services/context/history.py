"""What the model is told of the conversation so far, as the agent library's message JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from chat.models import Message, Part, Summary, Turn
from chat.services.context import summaries

# A net against histories that no model could take; earlier turns are summed up long before, by
# chat.agent.context.
LIMIT = 4_000_000

NOT_ANSWERED = "The user ended the turn before this was answered. It was not carried out."

Messages = list[dict[str, Any]]


@dataclass
class Past:
    """Messages before the model's next step. `origins` says of each the turn that it is of, and how
    many of that turn's messages end with it; the summary in front has ("", 0)."""

    messages: Messages = field(default_factory=list)
    origins: list[tuple[str, int]] = field(default_factory=list)
    summary: Summary | None = None
    # Where the present turn begins in `messages`.
    present: int = 0

    def add(self, turn_id: str, messages: Messages, begun: int = 0) -> None:
        """Further messages of a turn; `begun` of its messages a summary stands for, of which the
        person's own words are told again."""
        if begun and (words := _own_words(messages[:begun])):
            self.messages.append(words)
            self.origins.append((turn_id, begun))
        for number, message in enumerate(messages[begun:], begun + 1):
            self.messages.append(message)
            self.origins.append((turn_id, number))


def past(turn: Turn) -> Past:
    """What was said before the next step of `turn`, oldest first, within LIMIT characters.

    A turn that was tried again is told by its successor, one that was set aside by none; one that
    failed before the model said anything is left out, since its request may be what the provider
    rejected.
    """
    found = Past()
    told = _told(turn)
    known = dict(told) | {turn.pk: turn.history}
    found.summary, through, begun = summaries.present(turn, known)
    if found.summary is not None:
        found.messages.append(summaries.message(found.summary))
        found.origins.append(("", 0))
        order = [turn_id for turn_id, _ in told]
        # What the present turn has in its summary itself, the earlier ones have with it.
        told = told[order.index(through) :] if through in order else []
    for turn_id, messages in told:
        # Of a turn that ends with the summary, nothing is left to tell.
        if turn_id != through or begun < len(messages):
            found.add(turn_id, messages, begun if turn_id == through else 0)
    found.present = len(found.messages)
    found.add(turn.pk, turn.history, begun if turn.pk == through else 0)
    return found


def before(turn: Turn) -> Messages:
    """The messages of `past` that are of earlier turns."""
    found = past(turn)
    return found.messages[: found.present]


def told_turns(turn: Turn) -> QuerySet[Turn]:
    """The turns before `turn` that models are told, the newest first."""
    return (
        Turn.objects.filter(conversation=turn.conversation_id, created_at__lt=turn.created_at)
        .exclude(status__in=Turn.ACTIVE)
        .exclude(retries__isnull=False)
        .filter(superseded_by=None)
        .order_by("-created_at", "-id")
    )


def _told(turn: Turn) -> list[tuple[str, Messages]]:
    kept: list[tuple[str, Messages]] = []
    size = 0
    for turn_id, messages in told_turns(turn).values_list("pk", "history").iterator(20):
        if not any(message.get("kind") == "response" for message in messages):
            continue
        size += len(json.dumps(messages))
        if size > LIMIT and kept:
            break
        kept.append((turn_id, closed(messages)))
    return kept[::-1]


def _own_words(messages: Messages) -> dict[str, Any] | None:
    """What the person says in these messages, as one; None for nothing."""
    parts = [
        part
        for message in messages
        if message.get("kind") == "request"
        for part in message.get("parts", [])
        if part.get("part_kind") == "user-prompt"
    ]
    return {"kind": "request", "parts": parts} if parts else None


def request_of(turn: Turn) -> str:
    """What the person has written that the turn answers, before the model said anything."""
    asked: Turn | None = turn
    while asked is not None:
        texts = []
        for message in asked.messages.order_by("position").prefetch_related("parts"):
            if message.role != Message.Role.USER:
                break
            texts.append(text_of(message))
        if texts:
            return "\n\n".join(texts)
        asked = asked.retry_of
    return ""


def text_of(message: Message) -> str:
    """The words of a message."""
    words = [part.text for part in message.parts.all() if part.kind == Part.Kind.TEXT]
    return "\n\n".join(words)


def closed(messages: Messages, said: str = NOT_ANSWERED) -> Messages:
    """The messages with `said` as the result of each call at their end that has none: the turn
    was stopped, or ended otherwise, while it waited for the person.
    """
    calls = unanswered(messages)
    if not calls:
        return messages
    results = [
        {
            "part_kind": "tool-return",
            "tool_name": call["tool_name"],
            "tool_call_id": call["tool_call_id"],
            "content": said,
        }
        for call in calls
    ]
    *before, last = messages
    if last.get("kind") == "request":
        return [*before, {**last, "parts": [*last["parts"], *results]}]
    return [*messages, {"kind": "request", "parts": results}]


def unanswered(messages: Messages) -> list[dict[str, Any]]:
    """The calls of the last answer of the model that have no result yet, in their order."""
    answered: set[str] = set()
    for message in reversed(messages):
        parts = message.get("parts", [])
        if message.get("kind") == "response":
            calls = [part for part in parts if part.get("part_kind") == "tool-call"]
            return [call for call in calls if call["tool_call_id"] not in answered]
        answered |= {part["tool_call_id"] for part in parts if part.get("tool_call_id")}
    return []


def up_to_prompt(messages: Messages, left: int, *, included: bool = False) -> Messages:
    """The messages before the one in which the person speaks and `left - 1` times more after it;
    with it where it is `included`. `left` 0: all messages."""
    if not left:
        return messages
    for number in reversed(range(len(messages))):
        parts = messages[number].get("parts", [])
        for place in reversed(range(len(parts))):
            left -= parts[place].get("part_kind") == "user-prompt"
            if not left:
                rest = parts[: place + included]
                end = [{**messages[number], "parts": rest}] if rest else []
                return [*messages[:number], *end]
    return []


def resumable(messages: Messages) -> Messages:
    """The part of a turn's messages from which the model can go on: up to its last input.

    A half-said answer at the end is dropped with the tool calls it made, so that calls and
    results stay in pairs; of calls some of which are answered, the others get an answer too.
    """
    end = len(messages)
    while end and messages[end - 1].get("kind") != "request":
        end -= 1
    return closed(messages[:end])
