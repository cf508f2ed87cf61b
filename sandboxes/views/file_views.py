"""What the templates of a file and of a folder read."""

from __future__ import annotations

import mimetypes
import posixpath
from typing import Any

from django.utils.safestring import mark_safe

from sandboxes.engine import FileStat
from sandboxes.models import Sandbox
from sandboxes.services import files
from vibe.web.highlight import highlighted_file

MAX_SHOWN = 400_000
MAX_PICTURE = 20_000_000
SNIFFED = 8192
HEX_SHOWN = 512
# What browsers show in an <img>, where nothing in it can run.
IMAGES = ("png", "jpeg", "gif", "webp", "avif", "bmp", "x-icon", "vnd.microsoft.icon", "svg+xml")


def image_type(path: str) -> str | None:
    """The media type of a picture by its name; None for everything else."""
    kind, _ = mimetypes.guess_type(path)
    return kind if kind and kind.removeprefix("image/") in IMAGES else None


def file_view(sandbox: Sandbox, path: str, info: FileStat) -> dict[str, Any]:
    """Context of one file: its text, its picture, or its first bytes. Raises Refusal."""
    view: dict[str, Any] = {
        "sandbox": sandbox,
        "path": path,
        "name": posixpath.basename(path),
        "folder": posixpath.dirname(path) or ".",
        "length": info.size,
        "version": info.version,
        "executable": bool(info.mode & 0o111),
    }
    if info.kind != "file":
        return {**view, "reason": "It is a pipe, a socket or a device, which cannot be shown."}
    picture = image_type(path) is not None and info.size <= MAX_PICTURE
    if picture and not path.endswith(".svg"):
        return {**view, "picture": True}
    with files.open_file(sandbox, path, length=MAX_SHOWN + 1) as reading:
        data = b"".join(files.in_words(reading))
    if b"\0" in data[:SNIFFED]:
        return {**view, "bytes": hexdump(data[:HEX_SHOWN]), "cut": info.size > HEX_SHOWN}
    return {
        **view,
        **_text(path, data[:MAX_SHOWN]),
        "picture": picture,
        "cut": len(data) > MAX_SHOWN,
        "editable": len(data) <= MAX_SHOWN and _is_utf8(data),
    }


def folder_view(sandbox: Sandbox, path: str) -> dict[str, Any]:
    """Context of one folder. Raises Refusal."""
    entries, truncated = files.list_files(sandbox, path)
    found = [entry for entry in entries if entry.kind != "dir"]
    top = posixpath.normpath(path) in (".", "/vercel/sandbox")
    return {
        "sandbox": sandbox,
        "path": "." if top else path,
        "top": top,
        "name": posixpath.basename(path.rstrip("/")),
        "folder": posixpath.dirname(path) or ".",
        "count": len(found),
        "length": sum(entry.size for entry in found),
        "truncated": truncated,
    }


def hexdump(data: bytes) -> str:
    """Sixteen bytes a line: offset, hexadecimal, what can be read of it."""
    lines = []
    for start in range(0, len(data), 16):
        row = data[start : start + 16]
        text = "".join(chr(byte) if 32 <= byte < 127 else "·" for byte in row)
        lines.append(f"{start:06x}  {row.hex(' '):<47}  {text}")
    return "\n".join(lines)


def _text(path: str, data: bytes) -> dict[str, Any]:
    text = data.decode(errors="replace")
    html, language = highlighted_file(text, path)
    lines = text.count("\n") + (0 if text.endswith("\n") or not text else 1)
    return {
        "html": mark_safe(html),  # noqa: S308 - escaped by the highlighter
        "language": language,
        "numbers": "\n".join(str(number) for number in range(1, lines + 1)),
    }


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
