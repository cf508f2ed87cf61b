"""Search in what was said in a user's conversations: words, names of tools, paths.

A plain table that is looked through, of the user's own rows only: part of a word is found too, in
every script and with either database, and 10,000 messages take some 30 ms.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet, Value
from django.db.models.functions import StrIndex

from chat.models import Conversation, Message, Part, SearchText, Turn
from chat.services.storable import storable
from vibe.accounts.models import User

LONGEST_QUERY = 200
MOST_WORDS = 8
MOST_MESSAGES = 2_000  # matches that are looked at, the newest
EACH = 3  # excerpts of one conversation
CHARACTERS = 20_000  # of a message
BEFORE, AFTER = 24, 140  # characters around a match
# Arguments of tools that are longer are contents of files.
LONGEST_ARGUMENT = 300
AT_ONCE = 200
_WORD = re.compile(r'"([^"]+)"|(\S+)')


@dataclass(frozen=True)
class Excerpt:
    """A piece of a message, in pieces that match (True) and those between."""

    message_id: str
    role: str
    pieces: list[tuple[str, bool]]


@dataclass(frozen=True)
class Match:
    """A conversation whose title matches, or in which messages do."""

    conversation: Conversation
    title: list[tuple[str, bool]]
    excerpts: list[Excerpt]


def search(user: User, query: str, *, limit: int = 50) -> list[Match]:
    """The user's conversations with all words of `query` in their title or in one message; the
    latest first. Words in quotation marks belong together."""
    words = words_in(query)
    if not words:
        return []
    catch_up(user)
    found: dict[str, list[str]] = {}
    for message_id, conversation_id in _texts(user, words)[:MOST_MESSAGES]:
        found.setdefault(conversation_id, []).append(message_id)
    titles = Conversation.objects.filter(owner=user).values_list("pk", "title")
    named = {pk for pk, title in titles if all(word in folded(title) for word in words)}
    rows = Conversation.objects.filter(pk__in={*found, *named}).order_by("-updated_at")[:limit]
    shown = {row.pk: found.get(row.pk, [])[:EACH] for row in rows}
    excerpts = _excerpts([pk for ids in shown.values() for pk in ids], words)
    return [
        Match(
            row,
            _marked(str(row), words),
            [excerpts[pk] for pk in shown[row.pk] if pk in excerpts],
        )
        for row in rows
    ]


def words_in(query: str) -> list[str]:
    """The words to look for, folded."""
    found = (phrase or word for phrase, word in _WORD.findall(storable(query)[:LONGEST_QUERY]))
    words = (folded(each.strip()) for each in found)
    return list(dict.fromkeys(word for word in words if word))[:MOST_WORDS]


def folded(text: str) -> str:
    """Text in which case makes no difference, of the same length."""
    low = text.lower()
    if len(low) == len(text):  # a single character that becomes several is rare
        return low
    return "".join(low if len(low := one.lower()) == 1 else one for one in text)


def catch_up(user: User) -> None:
    """Take in the messages that have been completed since the last search."""
    missing = (
        Message.objects.filter(conversation__owner=user, search_text=None)
        .exclude(turn__status__in=Turn.ACTIVE)
        .order_by("-created_at")
        .prefetch_related("parts")
    )
    while found := list(missing[:AT_ONCE]):
        rows = [
            SearchText(
                message=message,
                conversation_id=message.conversation_id,
                folded=folded(said_in(message)),
                created_at=message.created_at,
            )
            for message in found
        ]
        # Another search may do the same at this moment.
        SearchText.objects.bulk_create(rows, ignore_conflicts=True)


def said_in(message: Message) -> str:
    """What is looked through: text, tools with their short arguments."""
    pieces: list[str] = []
    for part in message.parts.all():
        if part.kind == Part.Kind.TEXT:
            pieces.append(part.text)
        elif part.kind == Part.Kind.TOOL_CALL:
            pieces.append(" ".join([part.tool, *_short(part.arguments)]))
    return "\n".join(pieces)[:CHARACTERS]


def _short(value: Any, depth: int = 4) -> Iterator[str]:
    match value:
        case str() if len(value) <= LONGEST_ARGUMENT:
            yield value
        case dict() if depth:
            for each in value.values():
                yield from _short(each, depth - 1)
        case list() if depth:
            for each in value:
                yield from _short(each, depth - 1)


def _texts(user: User, words: list[str]) -> QuerySet[SearchText, tuple[str, str]]:
    """(message, conversation), the newest first."""
    found = SearchText.objects.filter(conversation__owner=user)
    for number, word in enumerate(words):
        found = found.alias(**{f"at{number}": StrIndex(F("folded"), Value(word))}).filter(
            **{f"at{number}__gt": 0}
        )
    return found.order_by("-created_at", "-pk").values_list("message_id", "conversation_id")


def _excerpts(ids: list[str], words: list[str]) -> dict[str, Excerpt]:
    """The place in each of these messages, by the message's id."""
    messages = Message.objects.filter(pk__in=ids).prefetch_related("parts")
    return {
        message.pk: Excerpt(
            message.pk, message.role, _marked(_around(said_in(message), words), words)
        )
        for message in messages
    }


def _around(text: str, words: list[str]) -> str:
    """The place of the first word, with what stands around it, in one line."""
    low = folded(text)
    places = [at for word in words if (at := low.find(word)) >= 0]
    first = min(places, default=0)
    start, end = max(0, first - BEFORE), first + AFTER
    if start and (space := text.find(" ", start, first)) >= 0:  # not in the middle of a word
        start = space + 1
    piece = " ".join(text[start:end].split())
    return f"{'…' if start else ''}{piece}{'…' if end < len(text) else ''}"


def _marked(text: str, words: list[str]) -> list[tuple[str, bool]]:
    """The text in pieces, those that match marked."""
    pattern = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    pieces: list[tuple[str, bool]] = []
    position = 0
    for match in re.finditer(pattern, folded(text)):
        pieces.append((text[position : match.start()], False))
        pieces.append((text[match.start() : match.end()], True))
        position = match.end()
    pieces.append((text[position:], False))
    return [piece for piece in pieces if piece[0]]
