"""What the model is told of the conversation so far, as the agent library's message JSON."""

from __future__ import annotations

import json
from typing import Any

from chat.models import Message, Part, Turn

# About 100,000 tokens; beyond it the oldest turns are left out, whole ones only.
LIMIT = 400_000

NOT_ANSWERED = "The user ended the turn before this was answered. It was not carried out."

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
        kept.append(closed(messages))
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


def resumable(messages: Messages) -> Messages:
    """The part of a turn's messages from which the model can go on: up to its last input.

    A half-said answer at the end is dropped with the tool calls it made, so that calls and
    results stay in pairs.
    """
    end = len(messages)
    while end and messages[end - 1].get("kind") != "request":
        end -= 1
    return messages[:end]
