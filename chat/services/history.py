"""What the model is told of the conversation so far, as the agent library's message JSON."""

from __future__ import annotations

import json
from typing import Any

from chat.models import Message, Part, Turn

# About 100,000 tokens; beyond it the oldest turns are left out, whole ones only.
LIMIT = 400_000

Messages = list[dict[str, Any]]


def before(turn: Turn) -> Messages:
    """Messages of the turns before `turn`, oldest first, within LIMIT characters.

    A turn that was tried again is told by its successor, one that was set aside by none; one that
    failed before the model said anything is left out, since its request may be what the provider
    rejected.
    """
    earlier = (
        Turn.objects.filter(conversation=turn.conversation_id, created_at__lt=turn.created_at)
        .exclude(status__in=Turn.ACTIVE)
        .exclude(retries__isnull=False)
        .filter(superseded_by=None)
        .order_by("-created_at", "-id")
        .values_list("history", flat=True)
    )
    kept: list[Messages] = []
    size = 0
    for messages in earlier:
        if not any(message.get("kind") == "response" for message in messages):
            continue
        size += len(json.dumps(messages))
        if size > LIMIT and kept:
            break
        kept.append(messages)
    return [message for messages in reversed(kept) for message in messages]


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


def resumable(messages: Messages) -> Messages:
    """The part of a turn's messages from which the model can go on: up to its last input.

    A half-said answer at the end is dropped with the tool calls it made, so that calls and
    results stay in pairs.
    """
    end = len(messages)
    while end and messages[end - 1].get("kind") != "request":
        end -= 1
    return messages[:end]
