"""What the templates of the context read: the bar, summaries, the memory."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from chat.models import Conversation, Message, Part, PromptVersion, Summary
from chat.rendering.cards import card
from chat.services.context import context_use, memory, prompts, skills, summaries, user_instructions
from vibe.refusal import Refusal

LABELS = {
    "system": "System prompt",
    "memory": "Memory and skills",
    "tools": "Tools and what they gave",
    "summary": "Summary",
    "history": "What was said",
}
ORIGINALS = 60


def bar(conversation: Conversation | None) -> dict[str, Any]:
    """`context` of the bar, None before the first request."""
    found = context_use.of(conversation)
    if found is None:
        return {"context": None}
    size = found["size"]
    # Without a limit the strip shows how the parts relate.
    whole = max(size or 0, found["tokens"], 1)
    begin, parts = 0.0, []
    for kind, label in LABELS.items():
        width = found[kind] * 100 / whole
        parts.append(
            {"kind": kind, "label": label, "tokens": found[kind], "begin": begin, "width": width}
        )
        begin += width
    percent = None if not size else min(100, round(found["tokens"] * 100 / size))
    shown = {**found, "parts": parts, "percent": percent}
    return {"context": shown, "compact_at": settings.COMPACT_AT}


def summary_view(summary: Summary, text: str | None = None) -> dict[str, Any]:
    """What the page of a summary reads; `text`: what was sent and refused."""
    turns = list(summaries.originals(summary).values_list("pk", flat=True))
    shown = turns[-ORIGINALS:]
    messages = Message.objects.filter(turn__in=shown).prefetch_related("parts")
    found = list(messages.order_by("position"))
    for message in found:
        message.lines = _lines(message)  # type: ignore[attr-defined]  # for its template
    return {
        "summary": summary,
        "text": summary.text if text is None else text,
        "limit": summaries.TEXT_LIMIT,
        "present": summaries.is_present(summary),
        "messages_shown": found,
        "hidden": len(turns) - len(shown),
    }


def memory_view(conversation: Conversation) -> dict[str, Any]:
    """What the page of the memory reads."""
    try:
        files, nowhere = memory.listed(conversation), ""
    except Refusal as error:
        files, nowhere = [], f"{error.message} {error.hint}"
    told = memory.read(conversation)
    return {
        "conversation": conversation,
        "files": files,
        "nowhere": nowhere,
        "nested": told.nested,
        "left_out": told.left_out,
        "yours": user_instructions.of(conversation.owner),
        "skills": skills.available(conversation),
        "operator": prompts.text(PromptVersion.Kind.OPERATOR),
        "system": prompts.text(PromptVersion.Kind.SYSTEM),
    }


def _lines(message: Message) -> list[dict[str, Any]]:
    lines = []
    for part in message.parts.all():
        if part.kind == Part.Kind.TEXT:
            lines.append({"text": part.text, "quiet": False})
        elif part.kind == Part.Kind.TOOL_CALL:
            view = card(part)
            words = f"{view.verb} {view.subject[:200]} {view.result}"
            lines.append({"text": words.strip(), "quiet": True})
    return lines
