"""Forks: a conversation that goes on from a message of another, with files of its own.

What is copied is older than the conversation that it is copied into; that tells it apart.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q

from chat.models import Conversation, Message, Turn, Version
from chat.services import conversations, events, titles
from chat.services.branching.copying import copy_thread
from chat.services.context.lines import line_to
from chat.services.versioning import versions
from sandboxes.models import Checkpoint, Sandbox
from sandboxes.services import checkpoints
from sandboxes.services import forks as sandbox_forks
from vibe.accounts.models import User
from vibe.refusal import Refusal


def fork(message: Message, by: User) -> Conversation:
    """A new conversation with the messages up to this one, and a sandbox with the files as they
    were then, where there is a version of them. Attempts that the message does not follow stay.

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
    before = source.messages.filter(position__lte=message.position)
    # What the person says while the turn is under way stands behind what it has done by then.
    is_answered = before.filter(turn=turn, role=Message.Role.ASSISTANT).exists()
    version = _settled(_version_after(turn) if is_answered else _version_before(turn))
    messages = before.filter(turn__in=line_to(turn))
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
        made.effort, made.mode = source.effort, source.mode
        # What was allowed once for the other conversation is asked for anew.
        made.approval, made.fix_errors = source.approval, source.fix_errors
        if version is not None:
            sandbox = _sandbox_of(version, by)
        elif sandbox is not None:
            sandbox = sandbox_forks.fork(sandbox, by=by)
        made.sandbox, made.forked_from, made.forked_at = sandbox, source, at
        made.save()
        copy_thread(source, messages, made)
    events.conversation_changed(source.pk)
    return made


def _sandbox_of(version: Version, by: User) -> Sandbox:
    checkpoint = version.checkpoint
    return sandbox_forks.fork(checkpoint.sandbox, checkpoint=checkpoint, by=by)


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
