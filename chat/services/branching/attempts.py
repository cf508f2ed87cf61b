"""Earlier attempts: to say something otherwise, to have it answered anew, to go back to before."""

from __future__ import annotations

from django.db import transaction

from chat.models import Message, Turn, Version
from chat.services import events, messages, queue, turns
from chat.services.attaching import copies
from chat.services.context.history import text_of
from chat.services.messages import Said
from chat.services.versioning import versions
from vibe.accounts.models import User
from vibe.refusal import Code, Refusal


def regenerate(turn: Turn, *, model: str = "", restore_files: bool = False) -> Turn:
    """Have the last turn's request answered anew, by `model` or else the conversation's.

    The answer so far is set aside. Raises Refusal: conflict (it is not the last, or under way).
    """
    newest = turns.latest(turn.conversation)
    if newest is None or newest.pk != turn.pk:
        raise Refusal(
            "Only the last answer can be made anew.",
            "Edit the message that it answers, and send that again.",
            Code.CONFLICT,
        )
    first = _first_of(turn)
    said = [(message, text_of(message)) for message in _said_from(first, turn)]
    return _instead(first, said, model=model, restore_files=restore_files)


def resend(message: Message, text: str, *, model: str = "", restore_files: bool = False) -> Turn:
    """Say `text` in the place of a message of the person; the conversation goes on from there.

    Its files come along. The turns from that message on are set aside. Raises Refusal: invalid
    (nothing to say, or not a message of the person), conflict (a turn is under way, or the message
    was set aside before).
    """
    if message.role != Message.Role.USER:
        raise Refusal("Only your own messages can be edited.", "Send a new message instead.")
    first = _first_of(message.turn)
    before = [
        (one, text_of(one))
        for one in _said_from(first, message.turn)
        if one.position < message.position
    ]
    return _instead(first, [*before, (message, text)], model=model, restore_files=restore_files)


def message_of(user: User, message_id: str) -> Message:
    """The message of the user's conversation; Refusal(not_found) also for somebody else's."""
    found = Message.objects.select_related("turn__conversation", "conversation")
    message = found.filter(pk=message_id, conversation__owner=user).first()
    if message is None:
        raise Refusal("There is no such message.", "It may have been deleted.", Code.NOT_FOUND)
    return message


def message_for(turn: Turn, message_id: str = "") -> Message:
    """A message of the person in the turn: that of the id, else the one that the turn answers.

    Raises Refusal(not_found).
    """
    if not message_id:
        return _said_from(_first_of(turn), turn)[0]
    found = Message.objects.select_related("turn").filter(turn=turn, pk=message_id).first()
    if found is None:
        raise Refusal(
            "There is no such message in this turn.", "Read the conversation.", Code.NOT_FOUND
        )
    return found


def bring_back(turn: Turn) -> Turn:
    """Let the conversation consist of an earlier attempt again; what took its place is set aside.

    Raises Refusal(conflict): it is part of the conversation, or of an attempt that is set aside
    itself, or a turn is under way.
    """
    with transaction.atomic():
        queue.lock(turn.conversation_id)
        turn.refresh_from_db()
        _at_rest(turn)
        successor = turn.superseded_by
        if successor is None:
            raise Refusal(
                "This attempt is the conversation as it is.", "Reload the page.", Code.CONFLICT
            )
        if successor.is_superseded:
            raise Refusal(
                "The attempt that took its place is set aside as well.",
                "Bring that one back first.",
                Code.CONFLICT,
            )
        attempt = turn.conversation.turns.filter(superseded_by=successor)
        first = attempt.order_by("created_at", "id")[0]
        live = turn.conversation.turns.filter(superseded_by=None)
        instead = list(
            live.filter(created_at__gte=successor.created_at).values_list("pk", flat=True)
        )
        attempt.update(superseded_by=None)
        Turn.objects.filter(pk__in=instead).update(superseded_by=first)
        conversation_id = turn.conversation_id
        transaction.on_commit(lambda: events.thread_changed(conversation_id))
    turn.refresh_from_db()
    return turn


def version_before(message: Message) -> Version | None:
    """The files as they were before the turn of this message; None when no version tells."""
    return versions.before(_first_of(message.turn))


def _instead(
    first: Turn, said: list[tuple[Message, str]], *, model: str, restore_files: bool
) -> Turn:
    """A turn in the place of `first` and all after it, with these messages, each with the text that
    it is to have now."""
    with transaction.atomic():
        queue.lock(first.conversation_id)
        first.refresh_from_db()
        _at_rest(first)
        if first.is_superseded:
            raise Refusal(
                "The conversation has gone on without this message.",
                "Bring its attempt back first, then edit it.",
                Code.CONFLICT,
            )
        if restore_files:
            _restore(first)
        anew = [_anew(message, text, restore_files) for message, text in said]
        return turns.start_in_place(first, anew, model=model)


def _anew(message: Message, text: str, restore_files: bool) -> Said:
    conversation = message.conversation
    files = copies.copies(
        list(message.attachments.all()),
        owner_id=conversation.owner_id,
        # Files that are put back as they were before have not got what was attached then.
        sandbox_id=None if restore_files else conversation.sandbox_id,
    )
    return messages.sound(text, files)


def _restore(first: Turn) -> None:
    before = versions.before(first)
    if before is None:
        raise Refusal(
            "There is no version of the files from before this message.",
            "Send it with the files as they are.",
            Code.CONFLICT,
        )
    versions.restore(before)


def _at_rest(turn: Turn) -> None:
    if queue.is_busy(turn.conversation_id):
        raise Refusal(
            "The model is still at work on your last message.",
            "Wait until it is done, or stop it.",
            Code.CONFLICT,
        )


def _first_of(turn: Turn) -> Turn:
    """The turn that holds the request, where this one tries it again."""
    while turn.retry_of is not None:
        turn = turn.retry_of
    return turn


def _said_from(first: Turn, last: Turn) -> list[Message]:
    """What the person has said in a turn and in the tries before it."""
    tries, turn = [last.pk], last
    while turn.pk != first.pk and turn.retry_of is not None:
        turn = turn.retry_of
        tries.append(turn.pk)
    said = Message.objects.filter(turn__in=tries, role=Message.Role.USER)
    found = said.select_related("conversation").order_by("position")
    return list(found.prefetch_related("parts", "attachments"))
