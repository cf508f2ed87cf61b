"""Text as every database takes it: PostgreSQL refuses NUL, all of them halves of characters."""

from __future__ import annotations

import re
from typing import TypeVar, cast

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

Value = TypeVar("Value")


def storable(value: Value) -> Value:
    """The same text, list or dictionary with U+FFFD for what cannot be stored; the halves of one
    character are joined.
    """
    return cast("Value", _storable(value))


def _storable(value: object) -> object:
    match value:
        case str() if type(value) is str and _UNSTORABLE.search(value):
            joined = value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
            return joined.replace("\x00", "\ufffd")
        case dict():
            return {_storable(key): _storable(item) for key, item in value.items()}
        case list() | tuple():
            return [_storable(item) for item in value]
        case _:
            return value
