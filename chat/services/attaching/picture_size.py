"""Width and height of a picture, from its first bytes; nothing of it is decoded."""

from __future__ import annotations

import struct

# Where the numbers stand at the latest, behind what cameras write before them.
HEAD = 1 << 20
# Of a JPEG's segments: those that say how large the picture is.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def picture_size(head: bytes, media_type: str) -> tuple[int, int] | None:
    """(width, height) in pixels; None where what follows the first mark is no picture."""
    try:
        found = _READERS[media_type](head)
    except (KeyError, struct.error, IndexError):
        return None
    return found if found and all(0 < side < 1 << 20 for side in found) else None


def _png(head: bytes) -> tuple[int, int] | None:
    return struct.unpack_from(">II", head, 16) if head[12:16] == b"IHDR" else None


def _gif(head: bytes) -> tuple[int, int] | None:
    return struct.unpack_from("<HH", head, 6)


def _jpeg(head: bytes) -> tuple[int, int] | None:
    at = 2
    while head[at] == 0xFF:
        kind = head[at + 1]
        if kind == 0xFF:  # padding
            at += 1
            continue
        if kind in _FRAMES:
            height, width = struct.unpack_from(">HH", head, at + 5)
            return width, height
        if kind in (0x01, *range(0xD0, 0xDA)):
            return None
        at += 2 + struct.unpack_from(">H", head, at + 2)[0]
    return None


def _webp(head: bytes) -> tuple[int, int] | None:
    match head[12:16]:
        case b"VP8X":
            return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(
                head[27:30], "little"
            )
        case b"VP8L" if head[20] == 0x2F:
            bits = struct.unpack_from("<I", head, 21)[0]
            return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        case b"VP8 " if head[23:26] == b"\x9d\x01\x2a":
            width, height = struct.unpack_from("<HH", head, 26)
            return width & 0x3FFF, height & 0x3FFF
    return None


_READERS = {"image/png": _png, "image/gif": _gif, "image/jpeg": _jpeg, "image/webp": _webp}
