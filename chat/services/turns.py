"""Turns: to start one, stop it, do it again. The work itself is `chat.agent.runtime`."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import redis
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models.functions import Coalesce
from django.utils import timezone

from chat import providers
from chat.models import Attachment, Conversation, Message, Part, Question, Turn
from chat.services import attachments, choices, events, titles, workers
from chat.services.endings import end_turn
from chat.services.history import resumable
from chat.services.storable import storable
from vibe.accounts.models import User
from vibe.accounts.services import kept
from vibe.ids import new_id
from vibe.jobs.queue import enqueue
from vibe.refusal import Refusal

logger = logging.getLogger(__name__)

MESSAGE_LIMIT = 100_000
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
) -> Turn:
    """Take a message of the person and let the model answer it in the background.

    `model`, `effort` and `mode` also become the conversation's; a model that has no such effort
    thinks with its first. `attached` are ids of attachments, with which the text may be empty.
    Raises Refusal: invalid (empty or too long, no such effort), conflict (a turn is under way),
    not_found (an attachment).
    """
    chosen = attachments.choose(conversation.owner_id, attached)
    texts = [sound(text)] if text.strip() or not chosen else []
    return _start(conversation, model=model, effort=effort, mode=mode, texts=texts, chosen=chosen)


def start_in_place(turn: Turn, texts: list[str], *, model: str = "") -> Turn:
    """Begin a turn that the conversation goes on with in the place of `turn` and what followed.

    Those are kept, and no model hears of them any more. Raises Refusal as `start_turn` does.
    """
    with transaction.atomic():
        said = [sound(text) for text in texts]
        made = _start(
            turn.conversation, model=model, effort=turn.effort, mode=turn.mode, texts=said
        )
        later = turn.conversation.turns.filter(superseded_by=None, created_at__gte=turn.created_at)
        later.exclude(pk=made.pk).update(superseded_by=made)
        conversation_id = turn.conversation_id
        transaction.on_commit(lambda: events.thread_changed(conversation_id))
    return made


def sound(text: str) -> str:
    """A message as it may be kept. Raises Refusal: invalid (empty), limit (too long)."""
    text = storable(text).strip()
    if not text:
        raise Refusal("The message is empty.", "Write what you want first.", code="invalid")
    if len(text) > MESSAGE_LIMIT:
        raise Refusal(
            f"The message has {len(text):,} characters; {MESSAGE_LIMIT:,} is the limit.",
            "Attach what is long as a file.",
            code="limit",
        )
    return text


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
    texts: Sequence[str] = (),
    chosen: Sequence[Attachment] = (),
    mode: str = "",
    retry_of: Turn | None = None,
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
                retry_of=retry_of,
                history=resumable(retry_of.history) if retry_of else [],
            )
            for text in texts:
                add_said(turn, text)
            if chosen:
                attach(turn, chosen)
            add_message(turn, Message.Role.ASSISTANT)
            conversation.model, conversation.effort = model, effort
            conversation.mode = mode
            named = [*texts, *(one.name for one in chosen)]
            conversation.title = conversation.title or titles.clean("\n".join(named))
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


def add_said(turn: Turn, text: str) -> Message:
    """What the person says, at the end of the thread."""
    said = add_message(turn, Message.Role.USER)
    Part.objects.create(
        message=said, position=0, kind=Part.Kind.TEXT, state=Part.State.DONE, text=text
    )
    return said


def attach(turn: Turn, chosen: Sequence[Attachment]) -> None:
    """Let the turn's request bring these along; without words they are all of it."""
    said = turn.messages.filter(role=Message.Role.USER).last()
    attachments.attach(said or add_message(turn, Message.Role.USER), chosen)


def add_message(turn: Turn, role: str, *, pk: str | None = None) -> Message:
    """A message without parts, at the end of the thread; `pk`: one that there was before."""
    last = turn.conversation.messages.order_by("-position").first()
    return Message.objects.create(
        pk=pk or new_id("msg_"),
        conversation=turn.conversation,
        turn=turn,
        role=role,
        position=last.position + 1 if last else 0,
    )


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


def stop_turn(turn: Turn, by: User | None = None, *, after_step: bool = False) -> Turn:
    """Stop a turn: a waiting one at once, a running one by telling its worker. Never an error.

    `after_step`: a running one ends when the model's present step is done, with its command.
    """
    turn.refresh_from_db()
    idle = [Turn.Status.QUEUED, Turn.Status.WAITING]
    if turn.status in idle and end_turn(turn.pk, Turn.Status.STOPPED, among=idle):
        turn.refresh_from_db()
        return turn
    if after_step:
        running = Turn.objects.filter(pk=turn.pk, status=Turn.Status.RUNNING)
        if running.update(stop_after_step_at=timezone.now()):
            logger.info("Turn %s is asked by %s to stop after its step", turn.pk, by)
            events.queue_changed(turn.conversation_id)
            turn.refresh_from_db()
            if not workers.is_gone(turn.worker):
                return turn
    asked = Turn.objects.filter(pk=turn.pk, status__in=Turn.ACTIVE).update(
        stop_requested_at=timezone.now()
    )
    if asked:
        logger.info("Turn %s is asked to stop by %s", turn.pk, by or "the platform")
        turn.refresh_from_db()
        if workers.is_gone(turn.worker):
            end_turn(turn.pk, Turn.Status.STOPPED)
        else:
            try:
                events.stop_requested(turn.pk)
            except redis.RedisError:
                # The runtime also looks at the row.
                logger.warning("Redis does not answer; turn %s sees its stop later", turn.pk)
    turn.refresh_from_db()
    return turn


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
