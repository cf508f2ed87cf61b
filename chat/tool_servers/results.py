"""What a tool of a server has answered, as a model gets it: short, and marked as data."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Any

from chat.tool_servers.definitions import plain

HEAD, TAIL = 12_000, 4_000
ITEMS = 50
PICTURES, PICTURE_BYTES = 2, 1_000_000
MEDIA = {
    "image/png": b"\x89PNG",
    "image/jpeg": b"\xff\xd8\xff",
    "image/gif": b"GIF8",
    "image/webp": b"RIFF",
}


@dataclass(frozen=True)
class Result:
    """`pictures`: (media type, bytes). `left_out` says what was not taken over."""

    text: str
    is_error: bool = False
    pictures: list[tuple[str, bytes]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def of(answer: dict[str, Any]) -> Result:
    """The result of a call, in whatever form the server gave it."""
    content = answer.get("content")
    texts: list[str] = []
    pictures: list[tuple[str, bytes]] = []
    left_out: list[str] = []
    items = content if isinstance(content, list) else []
    if len(items) > ITEMS:
        left_out.append(f"{len(items) - ITEMS} more pieces")
    for item in items[:ITEMS]:
        if not isinstance(item, dict):
            continue
        resource = item.get("resource")
        if isinstance(item.get("text"), str):
            texts.append(item["text"])
        elif isinstance(resource, dict) and isinstance(resource.get("text"), str):
            texts.append(resource["text"])
        elif picture := _picture(item):
            if len(pictures) < PICTURES:
                pictures.append(picture)
            else:
                left_out.append("a picture")
        else:
            left_out.append(f"a piece of the kind {plain(item.get('type'), 40) or 'unknown'}")
    if not texts and isinstance(answer.get("structuredContent"), dict):
        texts.append(json.dumps(answer["structuredContent"], ensure_ascii=False))
    return Result(
        _shortened("\n".join(texts)), answer.get("isError") is True, pictures, left_out[:10]
    )


def _shortened(text: str) -> str:
    if len(text) > HEAD + TAIL:
        note = f"\n[… {len(text) - HEAD - TAIL:,} characters left out …]\n"
        text = text[:HEAD] + note + text[-TAIL:]
    return plain(text, len(text))


def _picture(item: dict[str, Any]) -> tuple[str, bytes] | None:
    kind, data = item.get("mimeType"), item.get("data")
    if item.get("type") != "image" or kind not in MEDIA or not isinstance(data, str):
        return None
    if len(data) > PICTURE_BYTES * 4 // 3 + 4:
        return None
    try:
        found = base64.b64decode(data, validate=True)
    except ValueError:
        return None
    return (kind, found) if found.startswith(MEDIA[kind]) else None
