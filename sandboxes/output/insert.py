"""Rows of output put into the database by one prepared statement.

`bulk_create` builds an expression for each value of each row, which takes five times as long; a
thousand commands that write make thousands of rows a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import connection

from sandboxes.models import LogChunk

COLUMNS = ("command_id", "stream", "offset", "first_line", "line_count", "data", "written_at")


def insert(chunks: Sequence[LogChunk]) -> None:
    """Those that are there already (of one command, at one offset) stay as they are."""
    adapted = connection.ops.adapt_datetimefield_value
    rows: list[tuple[Any, ...]] = [
        (
            *(chunk.command_id, chunk.stream, chunk.offset, chunk.first_line, chunk.line_count),
            *(bytes(chunk.data), chunk.written_at and adapted(chunk.written_at)),
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
