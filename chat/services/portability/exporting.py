"""A conversation written as a file, turn by turn; its form is `portability.portable`.

No ids of rows are in it, no bytes of attached files, and no values of environments or of the
platform's secret settings.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone

from chat.models import Attachment, Conversation, Message, Part, Turn, Version
from chat.services.portability.portable import (
    FORMAT,
    VERSION,
    ErrorForm,
    MessageForm,
    PartForm,
    TurnForm,
    VersionForm,
    result_of,
)
from chat.services.versioning import versions
from sandboxes.models import Sandbox
from sandboxes.services.amounts import in_words
from vibe import env
from vibe.data.database import in_thread

AT_ONCE = 20  # turns that are in memory
GONE = "…"
SHORTEST_SECRET = 6
IDS = re.compile(
    r"\b(?:sbx|cmd|conv|turn|msg|part|ver|chk|snap|drv|trm|evt|key|hook|att|sum|ask|queued)_[a-z0-9]{20}\b"
)
KEYS = re.compile(r"\bvibe_[A-Za-z0-9]{20,}")
Clean = Callable[[Any], Any]


async def exported(conversation: Conversation) -> AsyncIterator[bytes]:
    """The file, piece by piece. A turn under way is left out."""
    head, clean, turns, kept = await in_thread(_beginning, conversation)
    yield head
    places = {pk: place for place, pk in enumerate(turns)}
    for start in range(0, len(turns), AT_ONCE):
        told = await in_thread(_turns, turns[start : start + AT_ONCE], places, clean)
        yield ((",\n" if start else "\n") + ",\n".join(told)).encode()
    yield f'\n], "versions": {json.dumps(kept, ensure_ascii=False)}}}\n'.encode()


def file_name(conversation: Conversation) -> str:
    """Of its title, as every system takes it."""
    words = re.findall(r"[a-z0-9]+", conversation.title.lower())
    return f"{'-'.join(words)[:60] or 'conversation'}.vibe.json"


def _beginning(conversation: Conversation) -> tuple[bytes, Clean, list[str], list[Any]]:
    ended = conversation.turns.exclude(status__in=Turn.ACTIVE).order_by("created_at", "id")
    turns = list(ended.values_list("pk", flat=True))
    clean = _cleaner(conversation)
    head = {
        "format": FORMAT,
        "version": VERSION,
        "exported_at": timezone.now().isoformat(),
        "title": clean(conversation.title),
        "model": conversation.model,
        "effort": conversation.effort,
        "mode": conversation.mode,
    }
    text = json.dumps(head, ensure_ascii=False).removesuffix("}")
    places = {pk: place for place, pk in enumerate(turns)}
    kept = [clean(_version(one, places)) for one in versions.list_for(conversation)]
    return f'{text}, "turns": ['.encode(), clean, turns, [*conversation.past_versions, *kept]


def _turns(ids: list[str], places: dict[str, int], clean: Clean) -> list[str]:
    messages = Message.objects.order_by("position").prefetch_related(
        Prefetch("parts", queryset=Part.objects.order_by("position")), "attachments"
    )
    found = Turn.objects.filter(pk__in=ids).prefetch_related(
        Prefetch("messages", queryset=messages)
    )
    return [
        json.dumps(clean(_turn(turn, places)), ensure_ascii=False)
        for turn in found.order_by("created_at", "id")
    ]


def _turn(turn: Turn, places: dict[str, int]) -> dict[str, Any]:
    error = turn.error or {}
    return TurnForm.model_construct(
        model=turn.model,
        effort=turn.effort,
        mode=turn.mode,
        status=turn.status,
        error=ErrorForm.model_construct(
            title=str(error.get("title") or ""),
            detail=str(error.get("detail") or ""),
            action=str(error.get("action") or ""),
        )
        if error
        else None,
        retry_of=places.get(turn.retry_of_id or ""),
        superseded_by=places.get(turn.superseded_by_id or ""),
        created_at=turn.created_at,
        started_at=turn.started_at,
        finished_at=turn.finished_at,
        messages=[_message(message) for message in turn.messages.all()],
    ).model_dump(mode="json", warnings=False)


def _kind(part: Part) -> str:
    """Of the end of repairs the words go along; its buttons are of this conversation alone."""
    return Part.Kind.NOTE if part.kind == Part.Kind.REPAIRS else part.kind


def _message(message: Message) -> MessageForm:
    parts = [
        PartForm.model_construct(
            kind=_kind(part),
            # What ran on runs on nowhere else.
            state=part.state if part.state in ("", "done", "failed") else "stopped",
            result=result_of(_kind(part), part.result),
            **{name: getattr(part, name) for name in _SAME},
        )
        for part in message.parts.all()
    ]
    parts += [
        PartForm.model_construct(kind=Part.Kind.NOTE, state="done", text=_named(one))
        for one in message.attachments.all()
    ]
    return MessageForm.model_construct(
        role=message.role, created_at=message.created_at, parts=parts
    )


def _named(attachment: Attachment) -> str:
    """What the file says of another file, whose bytes it leaves out."""
    facts = f"{attachment.media_type}, {in_words(attachment.size)}"
    return f"{attachment.name} was attached ({facts}). The file itself is not part of the export."


_SAME = ("text", "tool", "tool_call_id", "arguments", "started_at", "finished_at")


def _version(version: Version, places: dict[str, int]) -> dict[str, Any]:
    kept = version.checkpoint
    return VersionForm.model_construct(
        number=version.number,
        title=version.title,
        name=version.name,
        favourite=version.favourite,
        reason=version.reason,
        turn=places.get(version.turn_id or ""),
        created_at=version.created_at,
        files_changed=kept.files_changed,
        lines_added=kept.lines_added,
        lines_removed=kept.lines_removed,
    ).model_dump(mode="json", warnings=False)


def _cleaner(conversation: Conversation) -> Clean:
    """Takes ids and secrets out of the strings of a value."""
    named = Part.objects.filter(
        message__conversation=conversation, kind=Part.Kind.TOOL_CALL
    ).values_list("result__sandbox_id", flat=True)
    ids = {one for one in named if isinstance(one, str) and one}
    ids |= {*Version.objects.filter(conversation=conversation).values_list(
        "checkpoint__sandbox", flat=True
    )}  # fmt: skip
    ids |= {conversation.sandbox_id} if conversation.sandbox_id else set()
    own = list(Sandbox.objects.filter(pk__in=ids, owner=conversation.owner_id))
    # What an imported call names may be any word, and many of them: only rows are looked for.
    ids = {sandbox.pk for sandbox in own}
    secrets = {value for sandbox in own for value in _values(sandbox.env)} | env.SECRETS
    hidden = _any_of(value for value in secrets if len(value) >= SHORTEST_SECRET)
    sandboxes = _any_of(ids)

    def text(value: str) -> str:
        value = hidden.sub(GONE, value) if hidden else value
        value = sandboxes.sub("sandbox", value) if sandboxes else value
        return KEYS.sub(GONE, IDS.sub("id", value))

    def clean(value: Any) -> Any:
        match value:
            case str():
                return text(value)
            case dict():
                return {text(str(key)): clean(each) for key, each in value.items()}
            case list():
                return [clean(each) for each in value]
            case _:
                return value

    return clean


def _values(variables: dict[str, Any]) -> Iterable[str]:
    return (value for value in variables.values() if isinstance(value, str))


def _any_of(words: Iterable[str]) -> re.Pattern[str] | None:
    """The longest first, so that none is found within another."""
    found = sorted(words, key=len, reverse=True)
    return re.compile("|".join(re.escape(word) for word in found)) if found else None
