"""Entry ids of streams, and the one place that knows the shape of an XREAD answer.

Every stream here is numbered by its writer: the id is `NUMBER-0`, where the number is the byte
offset at which an entry ends (logs) or 1, 2, 3 … (events). So a reader's cursor is a plain number
that stays right when the stream is trimmed, lost and written anew.
"""

from __future__ import annotations

from typing import Any

Fields = dict[bytes, bytes]
Entry = tuple[int, Fields]


def entry_id(number: int) -> str:
    return f"{number}-0"


def number_of(raw_id: bytes | str) -> int:
    text = raw_id.decode("ascii") if isinstance(raw_id, bytes) else raw_id
    return int(text.partition("-")[0])


def parse_range(answer: Any) -> list[Entry]:
    """[(id, {field: value})] of an XRANGE answer, with numbers for ids."""
    return [(number_of(raw), dict(fields)) for raw, fields in answer or []]


def parse_read(answer: Any) -> dict[str, list[Entry]]:
    """{key: entries} of an XREAD answer; RESP3 answers with a dict, RESP2 with pairs."""
    if not answer:
        return {}
    pairs = answer.items() if isinstance(answer, dict) else answer
    found: dict[str, list[Entry]] = {}
    for key, lists in pairs:
        name = key.decode() if isinstance(key, bytes) else key
        entries: list[Any] = lists
        # RESP3 wraps the entries of a key in one more list.
        if entries and isinstance(entries[0], list) and entries[0] and _is_pair(entries[0][0]):
            entries = [entry for part in entries for entry in part]
        found[name] = parse_range(entries)
    return found


def _is_pair(value: Any) -> bool:
    return isinstance(value, tuple | list) and len(value) == 2 and isinstance(value[1], dict)
