"""Whether something is to be seen in a small picture."""

from __future__ import annotations

import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MOST_BYTES = 4 << 20
CHANNELS = {0: 1, 2: 3, 4: 2, 6: 4}


def colours(png: bytes, most: int = 4) -> int:
    """How many colours a PNG of eight bits has, counted up to `most`; 0 for what is none.

    The format: RFC 2083.
    """
    try:
        return _colours(png, most)
    except (struct.error, zlib.error, ValueError, KeyError, IndexError):
        return 0


def _colours(png: bytes, most: int) -> int:
    if not png.startswith(SIGNATURE):
        raise ValueError("no PNG")
    width, height, depth, kind = struct.unpack_from(">IIBB", png, 16)
    size = CHANNELS[kind]
    if depth != 8 or width * height * size > MOST_BYTES:
        raise ValueError("not a small picture")
    packed, at = b"", 8
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        if png[at + 4 : at + 8] == b"IDAT":
            packed += png[at + 8 : at + 8 + length]
        at += length + 12
    data = zlib.decompressobj().decompress(packed, MOST_BYTES + height)
    stride = width * size
    before = bytearray(stride)
    found: set[bytes] = set()
    for row in range(height):
        start = row * (stride + 1)
        line = bytearray(data[start + 1 : start + 1 + stride])
        _unfilter(data[start], line, before, size)
        found.update(bytes(line[x : x + size]) for x in range(0, stride, size))
        if len(found) >= most:
            return most
        before = line
    return len(found)


def _unfilter(how: int, line: bytearray, above: bytearray, size: int) -> None:
    for x in range(len(line)):
        left = line[x - size] if x >= size else 0
        up = above[x]
        corner = above[x - size] if x >= size else 0
        if how == 1:
            guess = left
        elif how == 2:
            guess = up
        elif how == 3:
            guess = (left + up) // 2
        elif how == 4:
            near = left + up - corner
            distances = abs(near - left), abs(near - up), abs(near - corner)
            guess = (left, up, corner)[distances.index(min(distances))]
        else:
            return
        line[x] = (line[x] + guess) & 0xFF
