"""A part of a message as HTML: words, a tool's card, a question, an error."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string

from chat.models import Message, Part, Question
from chat.providers import DEMO
from chat.rendering import whole_blocks
from chat.rendering.cards import card
from chat.rendering.markdown import render
from chat.rendering.suggestions import apart, with_buttons
from chat.services.pointing import picked
from sandboxes.services import refused_hosts

# Thoughts that took no time show when they have so many characters.
THOUGHT_READ = 200
TEMPLATES: dict[str, str] = {
    Part.Kind.ASKED: "chat/_asked.html",
    Part.Kind.TOOL_CALL: "chat/_tool.html",
    Part.Kind.REASONING: "chat/_reasoning.html",
    Part.Kind.SUMMARY: "chat/_summary.html",
    Part.Kind.ERROR: "chat/_error.html",
    Part.Kind.REPAIRS: "chat/_repairs_ended.html",
    Part.Kind.NOTE: "chat/_note.html",
}
# Every entry that a part's template asks for: Django takes long to find that one is missing.
NOTHING: dict[str, Any] = {
    "html": "", "chips": [], "card": None, "refused": [], "error": None, "question": None,
    "asked_template": "", "tail": "", "tail_from": 0, "last_lines": "", "is_shown": False,
}  # fmt: skip


def part_html(part: Part) -> str:
    view = part_view(part, part.message)
    return render_to_string(view["template"], view)


def part_view(part: Part, message: Message) -> dict[str, Any]:
    """What the template of a part reads: its kind's words and, when it is complete, its HTML.

    `template` names the template.
    """
    view: dict[str, Any] = {
        **NOTHING,
        "template": TEMPLATES.get(part.kind, "chat/_text.html"),
        "part": part,
        "message": message,
        "turn": message.turn,
    }
    view["view"] = view
    streaming = part.state == Part.State.STREAMING
    written = message.role == Message.Role.ASSISTANT and part.kind in (
        Part.Kind.TEXT,
        Part.Kind.REASONING,
    )
    if written and not streaming:
        said, view["chips"] = apart(part.text) if part.kind == Part.Kind.TEXT else (part.text, [])
        view["html"] = render(said)
        # A moment of thought is no news, unless there is something to read.
        view["is_shown"] = (part.duration or 0.0) >= 1 or len(part.text) >= THOUGHT_READ
        if message.turn and message.turn.model == DEMO and part.kind == Part.Kind.TEXT:
            view["html"] = with_buttons(view["html"], message.turn.conversation_id)
    elif streaming and written and part.kind == Part.Kind.TEXT:
        whole, view["tail"] = whole_blocks.split(part.text)
        view["html"] = render(whole) if whole else ""
    elif message.by_monitor:
        view["html"] = render(part.text)
    elif message.role == Message.Role.USER and part.kind == Part.Kind.TEXT:
        view["said"], view["picked"] = picked.apart(part.text)
    elif part.state == Part.State.WAITING and (question := _asked(part)):
        view["template"], view["question"] = "chat/_asked.html", question
        view["asked_template"] = f"chat/asked/_{question.kind}.html"
    elif part.kind == Part.Kind.TOOL_CALL:
        view["card"] = card(part)
        view["refused"] = refused_hosts.of(part.command) if part.command else []
        view["last_lines"] = part.result.get("tail", "")
        view["tail_from"] = max(0, part.command.log_size - 16_384) if part.command else 0
    elif part.kind == Part.Kind.SUMMARY:
        view["html"] = render(part.text)
    elif part.kind == Part.Kind.ERROR:
        view["error"] = error_view(part.result or part.message.turn.error or {}, part.text)
    return view


def _asked(part: Part) -> Question | None:
    """What the part asks now; a call that only stands behind one that asks has nothing."""
    return part.questions.filter(status=Question.Status.OPEN).first()


def error_view(error: dict[str, Any], text: str) -> dict[str, str]:
    return {
        "title": str(error.get("title") or text or "The turn failed"),
        "detail": str(error.get("detail") or (text if error.get("title") else "")),
        "action": str(error.get("action") or ""),
    }
