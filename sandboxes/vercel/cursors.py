"""Lists in pages whose cursor is a text, as the protocol has them."""

from __future__ import annotations

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from django.db.models import Model, Q, QuerySet
from ninja import Query

from sandboxes.vercel.errors import bad_request
from sandboxes.vercel.serializers import ms

Row = TypeVar("Row", bound=Model)
# What a request for a page names.
Size = Annotated[int, Query(ge=1, le=100)]
Cursor = Annotated[str, Query(max_length=1000)]
# In milliseconds; 0 is none.
Moment = Annotated[int, Query(ge=0, le=253_402_300_799_000)]
Prefix = Annotated[str, Query(max_length=128)]


def page(
    rows: QuerySet[Row],
    *,
    by: str,
    ascending: bool = False,
    limit: int,
    cursor: str,
    value: Callable[[Row], Any] | None = None,
) -> tuple[list[Row], dict[str, Any]]:
    """(rows of the page, the protocol's `pagination`), in the order of column `by`.

    The cursor holds the place of the last row, so rows that come or go in between neither
    repeat nor hide others. `value` gives a row's value of `by` where it is no attribute.
    """
    sign, beyond = ("", "gt") if ascending else ("-", "lt")
    if cursor:
        last, key = _read(cursor)
        rows = rows.filter(Q(**{f"{by}__{beyond}": last}) | Q(**{by: last, f"pk__{beyond}": key}))
    found = list(rows.order_by(f"{sign}{by}", f"{sign}pk")[: limit + 1])
    more, found = len(found) > limit, found[:limit]
    following = None
    if more:
        newest = found[-1]
        following = _write(value(newest) if value else getattr(newest, by), str(newest.pk))
    return found, {"count": len(found), "next": following}


def dated_page(
    rows: QuerySet[Row], *, by: str, limit: int, since: int, until: int
) -> tuple[list[Row], dict[str, Any]]:
    """The same as the first version has it: newest first by the time in column `by`, from `since`
    and before `until`. `next` is the `until` of the page that follows."""
    if since:
        rows = rows.filter(**{f"{by}__gte": _moment(since)})
    if until:
        rows = rows.filter(**{f"{by}__lt": _moment(until)})
    found = list(rows.order_by(f"-{by}", "-pk")[: limit + 1])
    more, found = len(found) > limit, found[:limit]
    following = ms(getattr(found[-1], by)) if more else None
    return found, {"count": len(found), "next": following, "prev": None}


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, tz=UTC)


def _write(value: Any, key: str) -> str:
    kind = "t" if isinstance(value, datetime) else "s"
    text = value.isoformat() if kind == "t" else value
    return urlsafe_b64encode(json.dumps([kind, text, key]).encode()).decode().rstrip("=")


def _read(cursor: str) -> tuple[Any, str]:
    try:
        kind, value, key = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(value, str) or not isinstance(key, str) or "\0" in value + key:
            raise ValueError
        if kind == "t":
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is None:
                raise ValueError
            return moment, key
        return value, key
    except (binascii.Error, UnicodeError, ValueError, TypeError):
        raise bad_request(
            "`cursor` is not one of this list; send the `next` of the page before."
        ) from None
