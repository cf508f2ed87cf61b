"""Lists in pages: newest first, each page ends with the cursor of the next."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet
from django.utils.dateparse import parse_datetime
from ninja import Schema
from pydantic import Field

from vibe.api.fields import storable
from vibe.refusal import Refusal

Item = TypeVar("Item")
Row = TypeVar("Row", bound=Model)
PAGE = 50


class Page(Schema, Generic[Item]):
    items: list[Item]
    next: str | None = Field(
        None, description="Send it as `before` to get the next page; null on the last."
    )


def paginate(rows: QuerySet[Row], *, by: str, limit: int, before: str) -> dict[str, Any]:
    """One page of `rows`, newest first by the time in column `by`; Refusal on a bad cursor.

    The cursor holds the time and id of the last row, so rows that come or go in between
    neither repeat nor hide others.
    """
    if before:
        time, key = _read(before)
        rows = rows.filter(Q(**{f"{by}__lt": time}) | Q(**{by: time, "pk__lt": key}))
    found = list(rows.order_by(f"-{by}", "-pk")[: limit + 1])
    more = len(found) > limit
    found = found[:limit]
    return {
        "items": found,
        "next": _write(getattr(found[-1], by), str(found[-1].pk)) if more else None,
    }


def _write(time: datetime, key: str) -> str:
    return urlsafe_b64encode(f"{time.isoformat()}|{key}".encode()).decode().rstrip("=")


def _read(cursor: str) -> tuple[datetime, str]:
    try:
        raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        stamp, _, key = raw.partition("|")
        time = parse_datetime(storable(stamp))
        storable(key)
    except (binascii.Error, UnicodeError, ValueError):
        time = None
    if time is None or time.tzinfo is None:
        raise Refusal(
            "`before` is not a cursor.", "Send the `next` of the page before, unchanged.", "invalid"
        )
    return time, key
