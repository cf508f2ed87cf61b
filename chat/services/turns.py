"""Turns: to start one, do it again, find it. The work itself is `chat.agent.runtime`."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models.functions import Coalesce
from django.utils import timezone

from chat import providers
from chat.models import Conversation, Message, Question, Turn
from chat.services import events, messages, titles, workers
from chat.services.attaching import attachments
from chat.services.context.history import resumable
from chat.services.messages import Said
from chat.services.offered_models import choices
from vibe.accounts.models import User
from vibe.accounts.services import kept
from vibe.jobs.queue import enqueue
from vibe.refusal import Refusal

RUN_JOB = "chat.jobs.run_turn"
# Seconds that a turn may take altogether, commands included.
TURN_SECONDS = 3 * 3600


def start_turn(
    conversation: Conversation,
    text: str,
    *,
    model: str = "",
    effort: str = "",
    mode: str = "",
    attached: Sequence[str] = (),
    origin: str = Turn.Origin.PERSON,
) -> Turn:
    """Take a message of the person and let the model answer it in the background.

    `model`, `effort` and `mode` also become the conversation's; a model that has no such effort
    thinks with its first. `attached` are ids of attachments, with which the text may be empty.
    `origin`: who says it. Raises Refusal: invalid (empty or too long, no such effort), conflict (a
    turn is under way), not_found (an attachment).
    """
    said = messages.sound(text, attachments.choose(conversation.owner_id, attached))
    return _start(conversation, model=model, effort=effort, mode=mode, said=[said], origin=origin)


def start_in_place(turn: Turn, said: Sequence[Said], *, model: str = "") -> Turn:
    """Begin a turn that the conversation goes on with in the place of `turn` and what followed.

    Those are kept, and no model hears of them any more. Raises Refusal as `start_turn` does.
    """
    with transaction.atomic():
        made = _start(turn.conversation, model=model, effort=turn.effort, mode=turn.mode, said=said)
        later = turn.conversation.turns.filter(superseded_by=None, created_at__gte=turn.created_at)
        later.exclude(pk=made.pk).update(superseded_by=made)
        conversation_id = turn.conversation_id
        transaction.on_commit(lambda: events.thread_changed(conversation_id))
    return made


def retry_turn(turn: Turn, *, model: str = "") -> Turn:
    """Do a failed or stopped turn again, from the last step that it finished.

    `model` (or else the conversation's present one) does it. Raises Refusal(conflict).
    """
    turn.refresh_from_db()
    if turn.status not in (Turn.Status.FAILED, Turn.Status.STOPPED):
        raise Refusal(
            "Only a failed or stopped turn can be tried again.",
            "Send a new message instead.",
            code="conflict",
        )
    newest = latest(turn.conversation)
    if newest is None or newest.pk != turn.pk:
        raise Refusal(
            "The conversation has gone on since then.",
            "Send the request as a new message.",
            code="conflict",
        )
    return _start(turn.conversation, model=model, retry_of=turn, mode=turn.mode)


def _start(
    conversation: Conversation,
    *,
    model: str,
    effort: str = "",
    said: Sequence[Said] = (),
    mode: str = "",
    retry_of: Turn | None = None,
    origin: str = Turn.Origin.PERSON,
) -> Turn:
    conversation.refresh_from_db()
    model = model or conversation.model or providers.default_model_id(conversation.owner_id)
    effort = choices.checked_effort(effort) or conversation.effort
    mode = mode or conversation.mode
    check_share(conversation.owner_id)
    try:
        with transaction.atomic():
            # On PostgreSQL the lock makes the positions of two senders differ.
            Conversation.objects.select_for_update().get(pk=conversation.pk)
            _check_length(conversation)
            turn = Turn.objects.create(
                conversation=conversation,
                model=model,
                effort=effort,
                mode=mode,
                origin=origin,
                retry_of=retry_of,
                history=resumable(retry_of.history) if retry_of else [],
            )
            for one in said:
                messages.say(turn, one, by_monitor=origin == Turn.Origin.MONITOR)
            messages.add(turn, Message.Role.ASSISTANT)
            conversation.model, conversation.effort = model, effort
            conversation.mode = mode
            conversation.title = conversation.title or titles.clean(_named(said))
            conversation.updated_at = timezone.now()
            conversation.save(update_fields=["model", "effort", "mode", "title", "updated_at"])
            transaction.on_commit(lambda: events.turn_added(turn))
            enqueue_turn(turn)
    except IntegrityError as error:
        if Turn.objects.filter(conversation=conversation, status__in=Turn.ACTIVE).exists():
            raise Refusal(
                "The model is still at work on your last message.",
                "Wait until it is done, or stop it.",
                code="conflict",
            ) from error
        raise
    return turn


def _named(said: Sequence[Said]) -> str:
    files = [file.name for one in said for file in one.attached]
    return "\n".join([*(one.text for one in said if one.text), *files])


def enqueue_turn(turn: Turn) -> None:
    """Let a worker take the queued turn."""
    enqueue(settings.CHAT_QUEUE, RUN_JOB, turn.pk, job_id=job_of(turn))


def job_of(turn: Turn) -> str:
    """The turn's job at present. After each answer of the person it is another one: what RQ still
    has to do for the one before does not touch it.
    """
    answers = Question.objects.filter(turn=turn).count()
    return f"{turn.pk}-{answers}" if answers else turn.pk


def turn_of(job_id: str) -> str:
    return job_id.partition("-")[0]


def check_share(owner_id: int) -> None:
    """Each turn holds threads of the chat worker: one person's must leave some to the others.

    One that waits for its person holds none.
    """
    most = settings.TURNS_PER_USER
    mine = Turn.objects.filter(
        conversation__owner_id=owner_id, status__in=[Turn.Status.QUEUED, Turn.Status.RUNNING]
    )
    if most > 0 and mine.count() >= most:
        raise Refusal(
            f"{most} of your turns are under way, which is your share.",
            "Wait until one is done, or stop one.",
            code="limit",
            retry_after=5,
        )


def _check_length(conversation: Conversation) -> None:
    """A conversation that never ends would be rows without end."""
    most = settings.TURNS_PER_CONVERSATION
    if most > 0 and conversation.turns.count() >= most and not kept.is_free(conversation.owner_id):
        raise Refusal(
            f"This conversation has {most} turns, which is the limit.",
            "Begin a new conversation.",
            code="limit",
        )


def latest(conversation: Conversation) -> Turn | None:
    """The last turn of those that the conversation consists of now."""
    live = conversation.turns.filter(superseded_by=None)
    return live.order_by("-created_at", "-id").first()


def claim(turn_id: str) -> Turn | None:
    """Take a waiting turn for this process; None when it was stopped or is already taken."""
    taken = Turn.objects.filter(pk=turn_id, status=Turn.Status.QUEUED).update(
        status=Turn.Status.RUNNING,
        started_at=Coalesce("started_at", timezone.now()),
        worker=workers.current(),
    )
    if not taken:
        return None
    events.turn_started(turn_id)
    return Turn.objects.select_related("conversation__owner").get(pk=turn_id)


def goes_on_with(turn: Turn, model: str) -> None:
    """From now on this model answers the turn."""
    turn.model = model
    Turn.objects.filter(pk=turn.pk).update(model=model)


def get_for(user: User, turn_id: str) -> Turn:
    """The user's turn; Refusal(not_found) also for somebody else's."""
    found = Turn.objects.filter(conversation__owner=user, pk=turn_id).first()
    if found is None:
        raise Refusal("There is no such turn.", "It may have been deleted.", code="not_found")
    return found
