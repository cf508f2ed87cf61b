"""Heads of HTTP/1.1 as they mostly are (RFC 9112).

Read strictly, so that nobody can read another request or answer in them: whatever is unusual is
left to those who read with more patience.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sandboxes.preview.headers import Headers

END = b"\r\n\r\n"
# Without the underscore, by which names pass for others (`headers._is_for_the_way`).
_NAME = rb"[!#$%&'*+\-.^`|~0-9A-Za-z]+"
_FIELDS = re.compile(rb"(?:" + _NAME + rb":[\t\x20-\x7e\x80-\xff]*\r\n)*")
_ASKED = re.compile(rb"(GET|HEAD|OPTIONS) (/[\x21-\x7e]*) HTTP/1\.1")
_STATUS = re.compile(rb"HTTP/1\.([01]) ([1-5][0-9]{2})(?: [\t\x20-\x7e\x80-\xff]*)?")
_LENGTH = re.compile(rb"[0-9]{1,18}")


class Unusual(Exception):
    """A head that is not read here."""


@dataclass(frozen=True)
class Answered:
    """The head of a server's answer. length: of its body, where it is said. keeps: whether the
    connection may carry another request afterwards."""

    status: int
    headers: Headers
    length: int | None
    chunked: bool
    keeps: bool


def request_line(line: bytes) -> tuple[bytes, bytes]:
    """The method and target of a request that has no body as a rule. Raises Unusual."""
    found = _ASKED.fullmatch(line)
    if found is None:
        raise Unusual
    return found[1], found[2]


def fields(block: bytes) -> Headers:
    """Header lines as names in lower case and values. Raises Unusual."""
    if not _FIELDS.fullmatch(block):
        raise Unusual
    found = []
    for line in block.split(b"\r\n")[:-1]:
        name, _, value = line.partition(b":")
        found.append((name.lower(), value.strip(b" \t")))
    return found


def tokens(headers: Headers, name: bytes) -> list[bytes]:
    """The words of a header that is a list, in lower case."""
    return [
        word.strip().lower() for key, value in headers if key == name for word in value.split(b",")
    ]


def answer(head: bytes) -> Answered:
    """Read the head of an answer, with the empty line at its end. Raises Unusual, also where it
    says in two ways how long the body is."""
    line, _, rest = head.partition(b"\r\n")
    found = _STATUS.fullmatch(line)
    if found is None:
        raise Unusual
    headers = fields(rest[:-2])
    encodings = tokens(headers, b"transfer-encoding")
    lengths = [value for name, value in headers if name == b"content-length"]
    if encodings not in ([], [b"chunked"]) or len(lengths) + len(encodings) > 1:
        raise Unusual
    if lengths and not _LENGTH.fullmatch(lengths[0]):
        raise Unusual
    return Answered(
        status=int(found[2]),
        headers=headers,
        length=int(lengths[0]) if lengths else None,
        chunked=bool(encodings),
        keeps=found[1] == b"1" and b"close" not in tokens(headers, b"connection"),
    )
