"""JSON by the C functions of the standard library's module, which imports regular expressions."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class _Plain:
    """What the scanner asks of a decoder: everything as JSON says, nothing more."""

    strict = True
    object_hook = object_pairs_hook = None
    parse_float, parse_int, parse_constant = float, int, float
    memo: dict[str, str] = {}


def _unknown(value: object) -> object:
    raise TypeError(f"{type(value).__name__} is not JSON")


try:
    from _json import encode_basestring_ascii, make_encoder, make_scanner

    _scan = make_scanner(_Plain)  # type: ignore[arg-type]  # a context is all it needs
    _parts = make_encoder(
        None, _unknown, encode_basestring_ascii, None, ": ", ", ", False, False, True
    )
except (ImportError, TypeError):  # another Python than CPython, or one that has changed it
    import json

    def loads(data: bytes) -> Any:
        return json.loads(data)

    def dumps(value: object) -> bytes:
        return json.dumps(value).encode()

else:

    def loads(data: bytes) -> Any:
        """The value that UTF-8 JSON stands for; raises ValueError, RecursionError."""
        text = data.decode().strip()
        try:
            value, end = _scan(text, 0)
        except StopIteration:
            raise ValueError("no JSON") from None
        if end != len(text):
            raise ValueError("more than one value")
        return value

    def dumps(value: object) -> bytes:
        """JSON in ASCII; raises TypeError, ValueError."""
        return "".join(_parts(value, 0)).encode()
