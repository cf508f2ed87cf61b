"""What takes cookies back that a page has set for a whole site, where Clear-Site-Data does not.

Firefox clears those of the very host alone. Of a cookie only the name is known here, so it is ended
for every domain above the host, at the paths that it is likely to have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

MOST = 96 * 1024  # bytes of headers; browsers take no more than some 256 KB
_HEADER = re.compile(rb"cookie:(.*)", re.IGNORECASE | re.DOTALL)
_SAFE = re.compile(rb"[\x21-\x3a\x3c\x3e-\x7e\x80-\xff]+")


def endings(line: bytes, host: bytes, path: bytes) -> bytes:
    """Lines of an answer's head that end the cookies in `line`, a Cookie header or its beginning;
    nothing for another one."""
    found = _HEADER.match(line)
    if not found or not _SAFE.fullmatch(host):
        return b""
    names = dict.fromkeys(pair.split(b"=", 1)[0].strip() for pair in found[1].split(b";"))
    lines, size = [], 0
    for name in names:
        for place in _places(host, path) if _SAFE.fullmatch(name) else ():
            lines.append(b"Set-Cookie: " + name + b"=; Max-Age=0; " + place + b"\r\n")
            size += len(lines[-1])
        if size > MOST:
            break
    return b"".join(lines)


def _places(host: bytes, path: bytes) -> Iterator[bytes]:
    labels = host.split(b":")[0].lower().split(b".")
    first = b"/" + path.split(b"?")[0].lstrip(b"/").split(b"/")[0]
    more = (first, first + b"/") if first != b"/" and _SAFE.fullmatch(first) else ()
    for start in range(1, len(labels) - 1):
        for at in (b"/", *more):
            yield b"Path=" + at + b"; Domain=" + b".".join(labels[start:])
