"""A conversation read from a file that anybody may have written."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from pydantic import ValidationError

from chat.models import Conversation, Message, Part, Turn
from chat.services import conversations
from chat.services.portability.portable import (
    MAX_BYTES,
    MAX_PARTS,
    MAX_VALUES,
    ConversationForm,
    TurnForm,
)
from chat.services.portability.retelling import retold
from vibe.accounts.models import User
from vibe.accounts.services import kept
from vibe.refusal import Refusal
from vibe.shares.owner import of_user
from vibe.shares.shares import Shares

AT_ONCE = 500
TOLD = 3  # faults of a file that are named
STEP = timedelta(microseconds=1)
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.S)
# One file takes memory and, while it is written, the place of SQLite's one writer.
_places = Shares("imports of conversations", total=2, each=1, waiting=4)


def import_conversation(owner: User, content: bytes) -> Conversation:
    """Make a conversation of an exported file: it reads as it did and can go on, without files.

    Raises Refusal: invalid with what is wrong and where, limit; Busy.
    """
    with _places.place_now(of_user(owner.pk)):
        return _imported(owner, content)


def _imported(owner: User, content: bytes) -> Conversation:
    form = _read(content)
    most = settings.TURNS_PER_CONVERSATION
    if 0 < most < len(form.turns) and not kept.is_free(owner.pk):
        raise Refusal(
            f"The file has {len(form.turns)} turns; a conversation may have {most}.",
            "Take out some of its turns.",
            code="limit",
        )
    with transaction.atomic():
        made = conversations.create(owner, title=form.title, model=form.model)
        made.imported_at = timezone.now()
        made.effort, made.mode = form.effort, form.mode
        made.past_versions = [one.model_dump(mode="json") for one in form.versions]
        made.save(update_fields=["imported_at", "effort", "mode", "past_versions"])
        _write(made, form)
    return made


def _read(content: bytes) -> ConversationForm:
    if len(content) > MAX_BYTES:
        raise Refusal(
            f"The file is larger than {MAX_BYTES >> 20} MB.",
            "Take out turns that are not needed.",
            code="limit",
        )
    if _values(content) > MAX_VALUES:
        raise _too_many(f"more than {MAX_VALUES:,} values")
    try:
        form = ConversationForm.model_validate_json(content)
    except ValidationError as error:
        raise _unreadable(error) from None
    standing = _standing(form.turns)
    said = [message for turn in form.turns for message in turn.messages]
    if len(said) + sum(len(message.parts) for message in said) > MAX_PARTS:
        raise _too_many(f"more than {MAX_PARTS:,} messages and parts")
    for place, turn in enumerate(form.turns):
        if turn.retry_of is not None and turn.retry_of >= place:
            raise _invalid(f"turns.{place}.retry_of: names no earlier turn")
        if place not in standing:
            raise _invalid(f"turns.{place}.superseded_by: leads to no turn of the file")
    for place, version in enumerate(form.versions):
        if version.turn is not None and version.turn >= len(form.turns):
            raise _invalid(f"versions.{place}.turn: names no turn of the file")
    return form


def _standing(turns: list[TurnForm]) -> set[int]:
    """The turns that stand, or in the end give way to one that does: not in a circle."""
    found: set[int] = set()
    for place in range(len(turns)):
        passed: dict[int, None] = {}
        following: int | None = place
        while following is not None and following not in found:
            if following in passed or following >= len(turns):
                break
            passed[following] = None
            following = turns[following].superseded_by
        else:
            found |= passed.keys()
    return found


def _values(content: bytes) -> int:
    """About how many values there are, counted before anything is made of them."""
    bare = _STRING.sub(b"", content)
    return sum(bare.count(each) for each in (b",", b"[", b"{"))


def _too_many(what: str) -> Refusal:
    return Refusal(
        f"The file holds {what}, which is more than is read.",
        "Take out turns that are not needed.",
        code="limit",
    )


def _unreadable(error: ValidationError) -> Refusal:
    """What is wrong and where, without what stood there."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    told = [
        f"{'.'.join(str(step)[:60] for step in one['loc'][:8]) or 'the file'}: {one['msg'][:200]}"
        for one in found[:TOLD]
    ]
    more = f" – and {len(found) - TOLD} more" if len(found) > TOLD else ""
    return _invalid("; ".join(told) + more)


def _invalid(why: str) -> Refusal:
    return Refusal(
        f"This is not an exported conversation that can be read. {why}.",
        "Take a file from Export, unchanged.",
        code="invalid",
    )


def _write(made: Conversation, form: ConversationForm) -> None:
    turns: list[Turn] = []
    messages: list[Message] = []
    parts: list[Part] = []
    # Turns are told apart from new ones by being older, and from each other by their times.
    latest = made.created_at - STEP * (len(form.turns) + 1)
    before: datetime | None = None
    for place, given in enumerate(form.turns):
        moment = min(given.created_at, latest + STEP * place)
        moment = max(moment, before + STEP) if before is not None else moment
        before = moment
        turn = _turn(made, given, moment)
        turn.retry_of = turns[given.retry_of] if given.retry_of is not None else None
        turns.append(turn)
        for said in given.messages:
            message = Message(
                conversation=made,
                turn=turn,
                role=said.role,
                position=len(messages),
                created_at=said.created_at,
            )
            messages.append(message)
            parts += [
                Part(message=message, position=number, **part.model_dump())
                for number, part in enumerate(said.parts)
            ]
    for turn, given in zip(turns, form.turns, strict=True):
        if given.superseded_by is not None:
            turn.superseded_by = turns[given.superseded_by]
    Turn.objects.bulk_create(turns, AT_ONCE)
    Message.objects.bulk_create(messages, AT_ONCE)
    Part.objects.bulk_create(parts, AT_ONCE)


def _turn(made: Conversation, given: TurnForm, moment: datetime) -> Turn:
    return Turn(
        conversation=made,
        model=given.model,
        effort=given.effort,
        mode=given.mode,
        status=given.status,
        error=given.error.model_dump() if given.error else None,
        history=retold(given),
        created_at=moment,
        started_at=given.started_at,
        finished_at=given.finished_at,
    )
