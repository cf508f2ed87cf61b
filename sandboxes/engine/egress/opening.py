"""What a program's first bytes in a tunnel are the beginning of."""

from __future__ import annotations

import re
from enum import Enum, auto

TLS_RECORD = b"\x16"
# Of a text without a line's end; no server takes a request line that is longer.
MOST_OF_LINE = 16 * 1024
# A word and a blank, perhaps behind empty lines: what servers might take for a request line.
_REQUEST = re.compile(rb"[\r\n\t ]*[!#$%&'*+.^_`|~0-9A-Za-z-]+[\t\v\f ]")
# What load balancers put before a connection: a request may follow behind it.
_PREFACES = (b"PROXY ", b"\r\n\r\n\x00")
_MAY_BECOME_ONE = re.compile(rb"[\r\n\t ]*[!#$%&'*+.^_`|~0-9A-Za-z-]*")


class Opening(Enum):
    TLS = auto()
    HTTP = auto()
    OTHER = auto()


def kind_of(data: bytes) -> Opening | None:
    """None while more has to come to tell. Whatever a lenient server might take for a request of
    HTTP is HTTP here."""
    if data[:1] == TLS_RECORD:
        return Opening.TLS
    if data.startswith(_PREFACES):
        return Opening.HTTP
    if _REQUEST.match(data):
        line, end, _ = data.lstrip(b"\r\n\t ").partition(b"\n")
        if b"HTTP/" in line.upper() or len(line) > MOST_OF_LINE:
            return Opening.HTTP
        return Opening.OTHER if end else None
    if _MAY_BECOME_ONE.fullmatch(data) and len(data) <= MOST_OF_LINE:
        return None
    return Opening.OTHER
