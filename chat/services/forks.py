"""Forks: a conversation that goes on from a message of another, with files of its own.

What is copied is older than the conversation that it is copied into; that tells it apart.
"""

from __future__ import annotations

import json
from typing import Any

from django.db import transaction
from django.db.models import Q

from chat.models import Conversation, Message, Part, Turn, Version
from chat.services import conversations, events, titles, versions
from sandboxes.models import Checkpoint, Sandbox
from sandboxes.services import checkpoints
from sandboxes.services import forks as sandbox_forks
from vibe.accounts.models import User
from vibe.refusal import Refusal

AT_ONCE = 500  # rows in one statement


def fork(message: Message, by: User) -> Conversation:
    """A new conversation with the messages up to this one, and a sandbox with the files as they
    were then, where there is a version of them.

    The answer to the last message of a person is then still to be given: that turn can be tried
    again. Raises Refusal: conflict while the message is being written.
    """
    turn = message.turn
    if turn.is_active and message.role == Message.Role.ASSISTANT:
        raise Refusal(
            "This answer is still being written.",
            "Wait until it is done, or fork from an earlier message.",
            code="conflict",
        )
    source = message.conversation
    is_request = message.role == Message.Role.USER
    version = _settled(_version_before(turn) if is_request else _version_after(turn))
    messages = source.messages.filter(position__lte=message.position)
    return _made(source, list(messages), by, version=version, at=message)


def duplicate(conversation: Conversation, by: User) -> Conversation:
    """A new conversation with all that is said in this one, and a copy of its sandbox as it is
    now. A turn under way stays here. Raises Refusal."""
    ended = conversation.messages.exclude(turn__status__in=Turn.ACTIVE)
    messages = list(ended)
    sandbox = conversation.sandbox
    version = None
    if sandbox is None or sandbox.deleted_at is not None:
        sandbox, version = None, _settled(versions.list_for(conversation).last())
    last = messages[-1] if messages else None
    return _made(conversation, messages, by, sandbox=sandbox, version=version, at=last)


def new_sandbox(conversation: Conversation, by: User, version: Version | None = None) -> Sandbox:
    """Give the conversation a new sandbox with the files of a version, or else of its last one.

    Its sandbox may be deleted. Raises Refusal: conflict while a turn is under way or without a
    version.
    """
    if conversation.turns.filter(status__in=Turn.ACTIVE).exists():
        raise Refusal(
            "The model is at work on the files.", "Wait until it is done, or stop it.", "conflict"
        )
    version = version or versions.list_for(conversation).last()
    if version is None:
        raise Refusal(
            "There is no saved version of the files of this conversation.",
            "Say what to build: the model takes a new sandbox.",
            code="conflict",
        )
    with transaction.atomic():
        made = _sandbox_of(version, by)
        conversations.use_sandbox(conversation.pk, made.pk)
    return made


def sandbox_is_gone(conversation: Conversation) -> bool:
    """Whether its sandbox was deleted and there are versions to begin anew with."""
    sandbox = conversation.sandbox
    if sandbox is not None and sandbox.deleted_at is None:
        return False
    return versions.list_for(conversation).exists()


def of(message_ids: list[str]) -> dict[str, list[Conversation]]:
    """The forks of these messages, by the message's id."""
    found: dict[str, list[Conversation]] = {}
    for made in Conversation.objects.filter(forked_at__in=message_ids).order_by("created_at"):
        found.setdefault(str(made.forked_at_id), []).append(made)
    return found


def note_for(turn: Turn) -> str:
    """What the model has to know before the first turn that is not copied; or nothing."""
    conversation = turn.conversation
    here = conversation.turns.filter(created_at__lt=turn.created_at)
    if here.filter(created_at__gte=conversation.created_at).exists() or not here.exists():
        return ""
    if conversation.sandbox_id is None:
        return "[This conversation goes on from a copy, without a sandbox and its files.]\n\n"
    return (
        "[This conversation goes on from a copy, in a sandbox of its own with the files as they "
        "were then. No server runs yet, and installed dependencies may be missing: look before "
        "you rely on them.]\n\n"
    )


def _made(
    source: Conversation,
    messages: list[Message],
    by: User,
    *,
    sandbox: Sandbox | None = None,
    version: Version | None = None,
    at: Message | None,
) -> Conversation:
    with transaction.atomic():
        made = conversations.create(by, title=_title(source), model=source.model)
        if version is not None:
            sandbox = _sandbox_of(version, by)
        elif sandbox is not None:
            sandbox = sandbox_forks.fork(sandbox, by=by)
        made.sandbox, made.forked_from, made.forked_at = sandbox, source, at
        # A copy is no way around what its owner wants to be asked about.
        made.mode, made.approval, made.effort = source.mode, source.approval, source.effort
        made.save(
            update_fields=["sandbox", "forked_from", "forked_at", "mode", "approval", "effort"]
        )
        _copy(source, messages, made)
    events.conversation_changed(source.pk)
    return made


def _sandbox_of(version: Version, by: User) -> Sandbox:
    checkpoint = version.checkpoint
    return sandbox_forks.fork(checkpoint.sandbox, checkpoint=checkpoint, by=by)


def _copy(source: Conversation, messages: list[Message], target: Conversation) -> None:
    """The messages with their turns and parts, under new ids."""
    old, new = source.sandbox_id or "", target.sandbox_id or ""

    def moved(value: Any) -> Any:
        """What names the sandbox names the new one: cards link to its previews."""
        return json.loads(json.dumps(value).replace(old, new)) if old and new else value

    copies = {message.pk: _copy_of(message, conversation=target) for message in messages}
    answered = {m.turn_id for m in messages if m.role == Message.Role.ASSISTANT}
    turns: dict[str, Turn] = {}
    for turn in source.turns.filter(messages__in=messages).distinct().order_by("created_at", "id"):
        copy = _copy_of(turn, conversation=target, cursor=0, worker="", stop_requested_at=None)
        copy.retry_of = turns.get(turn.retry_of_id or "")
        copy.input_tokens = copy.output_tokens = copy.requests = 0  # nothing was spent for it
        copy.history = moved(turn.history)
        if turn.pk not in answered:  # its answer is still to be given
            copy.status, copy.history, copy.error = Turn.Status.STOPPED, [], None
        turns[turn.pk] = copy
    Turn.objects.bulk_create(turns.values(), AT_ONCE)
    for message in messages:
        copies[message.pk].turn = turns[message.turn_id]
    _answer_last(copies, messages, answered, target)
    Message.objects.bulk_create(copies.values(), AT_ONCE)
    parts = []
    for part in Part.objects.filter(message__in=messages):
        copy_of = _copy_of(part, message=copies[part.message_id], command=None)
        copy_of.arguments, copy_of.result = moved(part.arguments), moved(part.result)
        copy_of.text = part.text.replace(old, new) if old and new else part.text
        if part.state == Part.State.BACKGROUND:  # nothing of it runs there
            copy_of.state = Part.State.STOPPED
        parts.append(copy_of)
    Part.objects.bulk_create(parts, AT_ONCE)


def _answer_last(
    copies: dict[str, Message], messages: list[Message], answered: set[str], target: Conversation
) -> None:
    """An empty answer after a request that has none, so that it can be asked for again."""
    if messages and messages[-1].turn_id not in answered:
        asked = copies[messages[-1].pk]
        copies[""] = Message(
            conversation=target,
            turn=asked.turn,
            role=Message.Role.ASSISTANT,
            position=asked.position + 1,
            created_at=asked.created_at,
        )


def _copy_of(row: Any, **changes: Any) -> Any:
    """A new row like this one, not saved, with an id of its own."""
    fields = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if not field.primary_key and field.name not in changes
    }
    return type(row)(**fields, **changes)


def _version_before(turn: Turn) -> Version | None:
    """The files as they were when the turn began."""
    known = versions.list_for(turn.conversation).exclude(turn=turn)
    # What the turn has found changed was saved a moment after it began.
    found = known.filter(
        Q(created_at__lt=turn.created_at)
        | Q(reason=Version.Reason.CHANGED, created_at__lt=turn.finished_at or turn.created_at)
    )
    return found.last()


def _version_after(turn: Turn) -> Version | None:
    """The files as the turn has left them."""
    own = Version.objects.filter(conversation=turn.conversation_id, turn=turn)
    found = own.select_related("checkpoint__sandbox").last()
    if found is not None:
        return found
    following = turn.conversation.turns.filter(created_at__gt=turn.created_at).first()
    known = versions.list_for(turn.conversation)
    if following is not None:
        known = known.filter(created_at__lt=following.created_at)
    return known.last()


def _settled(version: Version | None) -> Version | None:
    """The version once its files are saved, or the one before where they could not be."""
    if version is None:
        return None
    if version.checkpoint.is_pending:
        checkpoints.wait(version.checkpoint, versions.SAVE_SECONDS)
    if version.checkpoint.status == Checkpoint.Status.MADE:
        return version
    earlier = versions.list_for(version.conversation).filter(created_at__lt=version.created_at)
    return earlier.last()


def _title(source: Conversation) -> str:
    """The source's, numbered."""
    count = Conversation.objects.filter(forked_from=source).count()
    base = str(source.title)[: titles.LENGTH - 8].rstrip() or "New conversation"
    return f"{base} ({count + 2})"
