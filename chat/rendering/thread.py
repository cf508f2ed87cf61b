"""The thread of a conversation as HTML: messages, the composer's state, the header."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.template.loader import render_to_string

from chat.models import Conversation, Message, Part, Question, Turn
from chat.providers import DEMO
from chat.providers.recordings import is_recorded
from chat.rendering import context, steps
from chat.rendering.checks import check_view
from chat.rendering.model_choice import state_of
from chat.rendering.model_labels import labels_of
from chat.rendering.parts import part_html, part_view
from chat.rendering.queue import queue_partial
from chat.rendering.versions import lines_of
from chat.services import conversations
from chat.services.branching import forks
from chat.services.checking import checks
from chat.services.spending import sums
from vibe.web.partials import partial

STEPS_LOOKED_AT = 60
STEP_COLUMNS = (
    "message", "position", "kind", "state", "tool", "text", "started_at", "finished_at",
    "command__refused",
)  # fmt: skip
POLICIES = Conversation.Approval.choices


def load_messages(turns: QuerySet[Turn] | list[Turn]) -> list[Message]:
    """The messages of these turns with all that their rendering reads."""
    parts = Part.objects.select_related("command__sandbox").order_by("position")
    found = list(
        Message.objects.filter(turn__in=turns)
        .select_related("turn")
        .defer("turn__history")
        .prefetch_related(Prefetch("parts", queryset=parts), "attachments")
        .order_by("position")
    )
    spent = sums.of_turns({message.turn_id for message in found})
    checked = checks.of_turns({message.turn_id for message in found})
    versions = lines_of({message.turn_id: message.turn for message in found}.values())
    last_of = {message.turn_id: message.pk for message in found}
    copies = forks.of([message.pk for message in found])
    labels = _labels(found)
    for message in found:
        message.model_label = labels.get(message.turn_id)  # type: ignore[attr-defined]  # for its template
        message.copies = copies.get(message.pk, [])  # type: ignore[attr-defined]  # for its template
        message.spent = None  # type: ignore[attr-defined]  # for its template
        # A turn that was spoken into has several answers: the last one shows how it ended.
        if message.pk == last_of[message.turn_id]:
            message.spent = spent.get(message.turn_id)  # type: ignore[attr-defined]  # for its template
            message.check_made = checked.get(message.turn_id)  # type: ignore[attr-defined]  # for its template
            message.versions = versions.get(message.turn_id, [])  # type: ignore[attr-defined]  # for its template
    return found


def _labels(found: list[Message]) -> dict[str, str]:
    """By turn: what its model is called."""
    if not found:
        return {}
    models = {message.turn_id: message.turn.model for message in found}
    labels = labels_of(models.values(), found[0].conversation_id)
    return {turn: labels.get(model, model) for turn, model in models.items()}


def message_view(message: Message) -> dict[str, Any]:
    """What the template of a message reads."""
    views = [part_view(part, message) for part in message.parts.all()]
    parts = steps.gathered(views, lambda view: view["part"])
    made = getattr(message, "versions", None)
    return {
        "template": "chat/_message.html",
        "message": message,
        "turn": message.turn,
        "parts": parts,
        "versions": made or [],
        "check": check_view(getattr(message, "check_made", None)),
        "ends_turn": made is not None,
    }


def message_html(message: Message) -> str:
    view = message_view(message)
    return render_to_string(view["template"], view)


def turn_partial(turn: Turn, *, swap: str = "upsert") -> str:
    """The turn's messages, put into the thread at their place or over what is there.

    With swap "insert" what is there stays: the socket may have brought newer parts already.
    """
    html = "".join(message_html(message) for message in load_messages([turn]))
    return partial(html, "#thread", swap)


def part_partial(part: Part) -> str:
    """The part, and the line that it goes into once it is done."""
    html = part_html(part)
    if part.kind == Part.Kind.TOOL_CALL and steps.is_step(part):
        before = Part.objects.filter(message=part.message_id, position__lte=part.position)
        before = before.select_related("command").only(*STEP_COLUMNS).order_by("-position")
        line = steps.around(reversed(before[:STEPS_LOOKED_AT]), part.pk)
        if line is not None:
            html += render_to_string("chat/_steps.html", {"steps": line, "entries": []})
    return partial(html, f"#parts-{part.message_id}", "upsert")


def state_partials(conversation: Conversation, turn: Turn | None) -> str:
    """Composer button, line of work, what waits and header as the turn stands now."""
    view = state_view(conversation, turn)
    view["provider_state"] = state_of(conversation)
    return (
        item_partial(conversation, current=True)
        + queue_partial(conversation)
        + "".join(
            partial(render_to_string(template, view), target)
            for template, target in (
                ("chat/_turn_state.html", "#turn-state"),
                ("chat/_composer_action.html", "#composer-action"),
                ("chat/_usage.html", "#usage"),
                ("chat/_demo.html", "#demo"),
                ("chat/_provider_status.html", "#provider-status"),
                ("chat/_context.html", "#context"),
                ("chat/_mode.html", "#mode"),
            )
        )
    )


def title_partials(conversation: Conversation) -> str:
    """Title in the header, in the tab and in the list."""
    view = {"conversation": conversation, "current": conversation, "policies": POLICIES}
    return partial(render_to_string("chat/_title.html", view), "#title") + item_partial(
        conversation, current=True
    )


def item_partial(conversation: Conversation, *, current: bool = False) -> str:
    """Its row in the list, with how it stands; `current`: on the page of itself."""
    rows = conversations.with_status(Conversation.objects.filter(pk=conversation.pk))
    view = {"item": rows.first(), "current": conversation if current else None}
    if view["item"] is None:
        return ""
    return partial(render_to_string("chat/_list_item.html", view), f"#item-{conversation.pk}")


def state_view(conversation: Conversation | None, turn: Turn | None) -> dict[str, Any]:
    active = turn if turn is not None and turn.is_active else None
    model = (turn.model if turn else "") or (conversation.model if conversation else "")
    return {
        "conversation": conversation,
        "active_turn": active,
        "last_turn": turn,
        "order": _order(turn),
        "usage": _usage(conversation),
        "is_demo": model == DEMO,
        "is_recorded": is_recorded(model),
        **context.bar(conversation),
        "mode": conversation.mode if conversation else Conversation.Mode.BUILD,
        "policies": POLICIES,
    }


def _order(turn: Turn | None) -> int:
    """Grows with every turn and every step of its status: the page keeps what is newer."""
    if turn is None:
        return 0
    begun = int(turn.created_at.timestamp() * 1000) * 1000
    if not turn.is_active:
        return begun + 999
    # After each answer of the person the turn is queued once more.
    answers = turn.questions.exclude(status=Question.Status.OPEN).count()
    step = {Turn.Status.QUEUED: 0, Turn.Status.RUNNING: 1, Turn.Status.WAITING: 4}
    asked = (turn.stop_after_step_at is not None) + (turn.stop_requested_at is not None)
    return begun + min(answers * 5 + step[Turn.Status(turn.status)] + asked, 998)


def _usage(conversation: Conversation | None) -> sums.Spent:
    return sums.of_conversation(conversation) if conversation else sums.Spent()
