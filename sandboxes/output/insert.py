"""Rows of output put into the database by one prepared statement.

`bulk_create` builds an expression for each value of each row, which takes five times as long, and
making a model's instance for each takes as long again; a thousand commands that write make
thousands of rows a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection

from sandboxes.models import LogChunk

COLUMNS = ("command_id", "stream", "offset", "first_line", "line_count", "data", "written_at")


@dataclass(slots=True)
class NewChunk:
    """What a new row of `LogChunk` holds."""

    command_id: str
    stream: int
    offset: int
    first_line: int
    line_count: int
    data: bytes
    written_at: datetime | None = None


def insert(chunks: Sequence[NewChunk]) -> None:
    """Those that are there already (of one command, at one offset) stay as they are."""
    adapted = connection.ops.adapt_datetimefield_value
    rows: list[tuple[Any, ...]] = [
        (
            *(chunk.command_id, chunk.stream, chunk.offset, chunk.first_line, chunk.line_count),
            *(chunk.data, chunk.written_at and adapted(chunk.written_at)),
        )
        for chunk in chunks
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_statement(), rows)


@cache
def _statement() -> str:
    quote = connection.ops.quote_name
    names = ", ".join(map(quote, COLUMNS))
    places = ", ".join(["%s"] * len(COLUMNS))
    table = quote(LogChunk._meta.db_table)
    return f"INSERT INTO {table} ({names}) VALUES ({places}) ON CONFLICT DO NOTHING"  # noqa: S608 - the names are the model's
