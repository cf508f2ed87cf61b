"""Versions of a conversation's workspace: made around turns, listed, named, restored, undone."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Max, QuerySet

from chat.models import Conversation, Turn, Version
from chat.services import events, titles, working
from chat.services.context.history import request_of
from chat.services.storable import storable
from sandboxes.models import Checkpoint
from sandboxes.services import checkpoints, version_files
from sandboxes.services.version_files import Changes
from vibe.accounts.models import User
from vibe.refusal import Refusal

NAME_LENGTH = 100
OUTSIDE = "Changed outside of the conversation"  # of a version: by hand, commands, uploads
SAVE_SECONDS = 10.0
WORDS_FOR_UNDO = frozenset({"undo", "undo that", "undo it", "undo the last change"})
Reason = Version.Reason


def after_turn(turn: Turn) -> Version | None:
    """Ask for the version that the turn has left behind; it is saved in the background."""
    if Version.objects.filter(turn=turn, reason=Reason.UNDO).exists():  # is what it has left behind
        return None
    if turn.mode == Conversation.Mode.PLAN:  # it changes nothing
        return None
    title = titles.clean(request_of(turn))
    return create(turn.conversation, reason=Reason.TURN, turn=turn, title=title)


def save_before(turn: Turn) -> None:
    """Save what has changed since the last version, by hand, commands or uploads, before the turn
    changes more. Blocks until the earlier versions are saved too, for SAVE_SECONDS at most."""
    conversation = turn.conversation
    known = Version.objects.filter(conversation=conversation)
    is_first = not known.exists()
    came = "As it was forked" if conversation.forked_from_id is not None else ""
    came = "As it was remixed" if conversation.remixed else came
    version = create(
        conversation,
        reason=Reason.CHANGED,
        title=(came if is_first else "") or OUTSIDE,
        only_if_changed=True,
    )
    if version is not None:
        checkpoints.wait(version.checkpoint, SAVE_SECONDS)


def create(
    conversation: Conversation,
    *,
    reason: str,
    title: str,
    turn: Turn | None = None,
    only_if_changed: bool = False,
) -> Version | None:
    """Ask for a version of the files as they are; None where there is no sandbox to save."""
    conversation.refresh_from_db()
    if conversation.sandbox is None:
        return None
    with transaction.atomic():
        made = checkpoints.create(conversation.sandbox, only_if_changed=only_if_changed)
        if made is None:
            return None
        return Version.objects.create(
            conversation=conversation, checkpoint=made, reason=reason, turn=turn, title=title
        )


def restore(version: Version, *, keep_data: bool = False, within: Turn | None = None) -> Version:
    """Ask for the version's files and servers in the place of the present ones.

    What is there now becomes a version before that, if it is none yet. With `keep_data` the
    databases of the app stay as they are. Returns the new version, which is being saved. Raises
    Refusal(conflict) while a turn is under way, other than `within`, which asks for it.
    """
    working.refuse(version.conversation_id, version.checkpoint.sandbox_id, within=within)
    return _restore(version, keep_data=keep_data, reason=Reason.RESTORE)


def undo(turn: Turn) -> Version:
    """Take back what happened last: the last turn, change by hand or restore. Said again, what
    happened before that. Raises Refusal when there is nothing before."""
    known = list_for(turn.conversation).select_related("restores")
    at = known.last()
    while at is not None and at.reason == Reason.UNDO and at.restores is not None:
        at = at.restores
    earlier = known.filter(number__lt=at.number).last() if at else None
    if earlier is None:
        raise Refusal(
            "There is nothing to undo: this conversation has no earlier version of the files.",
            "Say what you want to have changed.",
            code="conflict",
        )
    return _restore(earlier, reason=Reason.UNDO, turn=turn)


def is_undo(text: str) -> bool:
    """Whether a message asks for nothing but that."""
    return text.strip().rstrip(".!").lower() in WORDS_FOR_UNDO


def _restore(
    version: Version, *, reason: str, keep_data: bool = False, turn: Turn | None = None
) -> Version:
    conversation = version.conversation
    with transaction.atomic():
        after = checkpoints.restore(version.checkpoint, keep_data=keep_data)
        assert after.before is not None
        Version.objects.create(
            conversation=conversation,
            checkpoint=after.before,
            reason=Reason.CHANGED,
            title=f"Before version {version.number} was restored",
            created_at=after.before.created_at,
        )
        made = Version.objects.create(
            conversation=conversation,
            checkpoint=after,
            reason=reason,
            turn=turn,
            restores=version,
            title=f"Restored version {version.number}",
            created_at=after.created_at,
        )
        if conversation.sandbox_id != after.sandbox_id:
            Conversation.objects.filter(pk=conversation.pk).update(sandbox=after.sandbox_id)
            transaction.on_commit(lambda: events.conversation_changed(conversation.pk))
    return made


def number_settled(conversation: Conversation) -> None:
    """Give numbers to the versions that are saved by now, in the order in which they were asked
    for; one in which nothing had changed goes."""
    waiting = Version.objects.filter(conversation=conversation, number=None)
    if not waiting.exists():
        return
    with transaction.atomic():
        Conversation.objects.select_for_update().get(pk=conversation.pk)
        last = (
            Version.objects.filter(conversation=conversation).aggregate(last=Max("number"))["last"]
            or 0
        )
        for version in waiting.select_related("checkpoint").order_by("created_at", "id"):
            status = version.checkpoint.status
            if status == Checkpoint.Status.REQUESTED:
                break
            if status == Checkpoint.Status.UNCHANGED:
                checkpoints.drop(version.checkpoint)  # and the version with it
            elif status == Checkpoint.Status.MADE:
                last += 1
                Version.objects.filter(pk=version.pk).update(number=last)


def list_for(conversation: Conversation) -> QuerySet[Version]:
    """Those that are saved, oldest first."""
    number_settled(conversation)
    saved = Version.objects.filter(conversation=conversation, number__isnull=False)
    return saved.select_related("checkpoint__sandbox").order_by("number")


def get_for(user: User, version_id: str) -> Version:
    """The user's version; Refusal(not_found) also for somebody else's."""
    found = (
        Version.objects.select_related("conversation", "checkpoint__sandbox", "checkpoint__base")
        .filter(pk=version_id, conversation__owner=user)
        .first()
    )
    if found is None:
        raise Refusal("There is no such version.", "It may have been deleted.", code="not_found")
    if found.number is None:
        number_settled(found.conversation)
        found.refresh_from_db(fields=["number"])
    return found


def before(turn: Turn) -> Version | None:
    """The last version from before the turn changed anything; None when there is none."""
    known = list_for(turn.conversation)
    own = known.filter(turn=turn).first()
    if own is not None:
        return known.filter(number__lt=own.number).last()
    return known.filter(created_at__lt=turn.created_at).last()


def outcome(user: User, version_id: str) -> Version:
    """A version that was restored, once that is done. Raises Refusal when it failed."""
    version = get_for(user, version_id)
    if version.checkpoint.status == Checkpoint.Status.FAILED:
        raise Refusal(
            f"The version could not be restored: {version.checkpoint.error}",
            "The files are as they were. Try again, or choose another version.",
            "unavailable",
        )
    return version


def changes(version: Version, *, since: Version | None = None) -> Changes:
    """What changed in the files since another version, or by this one. Raises Refusal."""
    before = version.checkpoint.base
    if since is not None:
        if since.checkpoint.sandbox_id != version.checkpoint.sandbox_id:
            raise Refusal(
                "These versions are of different sandboxes.", "Compare two of the same one."
            )
        before = since.checkpoint
    return version_files.changes(version.checkpoint, before)


def change(version: Version, *, name: str | None = None, favourite: bool | None = None) -> Version:
    """Name it, or mark it as one to find again."""
    if name is not None:
        version.name = storable(name).strip()[:NAME_LENGTH]
    if favourite is not None:
        version.favourite = favourite
    version.save(update_fields=["name", "favourite"])
    return version


def forget_all(conversation: Conversation) -> None:
    """Give up all versions of a conversation that is being deleted."""
    ids = Version.objects.filter(conversation=conversation).values_list("checkpoint_id", flat=True)
    checkpoints.forget(list(ids))


def note_for(turn: Turn) -> str:
    """What the model has to know of restores since it has last heard of the person; or nothing."""
    before = turn.conversation.turns.filter(created_at__lt=turn.created_at).last()
    found = Version.objects.filter(
        conversation=turn.conversation_id, reason=Reason.RESTORE, created_at__lt=turn.created_at
    )
    if before is not None:
        # A turn's own restores are no news to it.
        found = found.filter(created_at__gt=before.finished_at or before.created_at)
    last = found.select_related("restores").last()
    if last is None or last.restores is None:
        return ""
    return (
        f"[Since your last answer I have restored version {last.restores.number} "
        f"({last.restores.title}): the files are as they were then. Read before you edit.]\n\n"
    )
