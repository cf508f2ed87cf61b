"""Search in conversations."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from chat.api.schemas import ConversationOut
from chat.services import search
from vibe.api.authentication import access, caller
from vibe.api.fields import NO_NUL

router = Router(auth=access("chat"))
Words = Annotated[
    str,
    Query(
        max_length=search.LONGEST_QUERY,
        pattern=NO_NUL,
        description="All of them are looked for, parts of words too; quotes hold together.",
    ),
]


class ExcerptOut(Schema):
    message_id: str
    role: str = Field(examples=["assistant"])
    text: str
    marks: list[tuple[int, int]] = Field(description="Where in the text: from, to.")

    @staticmethod
    def resolve_text(excerpt: search.Excerpt) -> str:
        return "".join(piece for piece, _ in excerpt.pieces)

    @staticmethod
    def resolve_marks(excerpt: search.Excerpt) -> list[tuple[int, int]]:
        found, at = [], 0
        for piece, marked in excerpt.pieces:
            if marked:
                found.append((at, at + len(piece)))
            at += len(piece)
        return found


class MatchOut(Schema):
    conversation: ConversationOut
    excerpts: list[ExcerptOut] = Field(
        description="Of the latest messages that match; three at most."
    )


class MatchesOut(Schema):
    items: list[MatchOut]


@router.get("/search/conversations", response=MatchesOut, summary="Search in conversations")
def search_conversations(request: HttpRequest, q: Words) -> Any:
    """Titles, messages, names of tools and their paths, also of archived conversations: up to 50
    conversations, the latest first."""
    return {"items": search.search(caller(request), q)}
