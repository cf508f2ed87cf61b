"""Looking for words or a regular expression in the log of a command."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from sandboxes.api.logs import STREAMS, FromLine, StreamName
from sandboxes.output import places
from sandboxes.output.decoding import NAMES
from sandboxes.output.matching import MAX_PATTERN
from sandboxes.output.search import MAX_MATCHES, Match, search
from sandboxes.services import commands
from vibe.api.authentication import access, caller
from vibe.api.fields import NO_NUL, Offset

router = Router(auth=access("run"))

Wanted = Annotated[
    str,
    Query(min_length=1, max_length=MAX_PATTERN, pattern=NO_NUL, description="What to look for."),
]
Most = Annotated[int, Query(ge=1, le=MAX_MATCHES, description="Matches of the answer.")]


class MatchOut(Schema):
    line: int = Field(description="Number of the line, from 1.", examples=[42])
    offset: int = Field(description="The byte at which the line begins.", examples=[1830])
    stream: str = Field(description="stdout or stderr.", examples=["stderr"])
    text: str = Field(
        description="The line, or what surrounds the match in a long one.", examples=["Error: oh"]
    )
    begin: int = Field(description="Where the match begins in `text`, in characters.")
    end: int = Field(description="Where it ends.")

    @staticmethod
    def resolve_stream(match: Match) -> str:
        return NAMES[match.stream]


class FoundOut(Schema):
    matches: list[MatchOut]
    next: int | None = Field(description="The `after` to go on with; null when all was searched.")


@router.get("/commands/{slug:command_id}/logs/search", response=FoundOut, summary="Search in a log")
def search_logs(
    request: HttpRequest,
    command_id: str,
    q: Wanted,
    regex: bool = False,
    ignore_case: bool = False,
    stream: StreamName = None,
    after: Offset = 0,
    from_line: FromLine = None,
    limit: Most = 100,
) -> Any:
    """The lines that hold `q`, terminal codes aside; with `regex=1` it is a regular expression in
    Python's dialect. An answer covers about 16 MB of log: go on with `next` until it is null.
    """
    command = commands.get_for(caller(request), command_id)
    if from_line is not None:
        after = max(after, places.line_offset(command, from_line))
    return search(
        command,
        q,
        regex=regex,
        ignore_case=ignore_case,
        stream=STREAMS.get(stream or ""),
        after=after,
        limit=limit,
    )
