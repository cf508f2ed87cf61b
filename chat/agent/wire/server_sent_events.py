"""Server-sent events, from bytes and to bytes."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

_LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True)
class Event:
    name: str
    data: str


async def decoded(chunks: AsyncIterator[bytes]) -> AsyncIterator[Event]:
    """The events of a body. The last one may lack its blank line; bytes that are no UTF-8 become
    U+FFFD.
    """
    name, data = "", []
    async for line in _lines(chunks):
        if line:
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if field == "event":
                name = value
            elif field == "data":
                data.append(value)
            continue
        if data:
            yield Event(name, "\n".join(data))
        name, data = "", []
    if data:
        yield Event(name, "\n".join(data))


async def _lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
    rest: list[str] = []
    async for chunk in chunks:
        text = decoder.decode(chunk)
        if rest and rest[-1].endswith("\r"):
            # Whether a line feed belongs to it shows only now.
            text = "\r" + text
            rest[-1] = rest[-1][:-1]
        held = text.endswith("\r")
        lines = _LINE_END.split(text[:-1] if held else text)
        for line in lines[:-1]:
            yield "".join([*rest, line])
            rest = []
        rest.append(lines[-1] + ("\r" if held else ""))
    last = "".join([*rest, decoder.decode(b"", True)])
    for line in _LINE_END.split(last):
        yield line


def encoded(data: Any, name: str = "") -> bytes:
    """One event; `data` as JSON unless it is text."""
    text = data if isinstance(data, str) else json.dumps(data)
    head = f"event: {name}\n" if name else ""
    lines = "".join(f"data: {line}\n" for line in text.split("\n"))
    return f"{head}{lines}\n".encode("utf-8", "replace")
