"""The tools of a server as they are kept: names, descriptions and schemas that do no harm."""

from __future__ import annotations

import json
import re
from typing import Any

from chat.tool_servers.answers import MOST_TOOLS

NAME_LENGTH, DESCRIPTION_LENGTH = 128, 1_000
SCHEMA_BYTES, ALL_BYTES = 10_000, 400_000
DEPTH = 16
# What wire formats take for the name of a tool, server included.
SHOWN_LENGTH = 64
BETWEEN = "__"
ANYTHING: dict[str, Any] = {"type": "object", "properties": {}, "additionalProperties": True}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
                      r"\ud800-\udfff\U000e0000-\U000e007f]")  # fmt: skip


def cleaned(slug: str, listed: list[Any]) -> list[dict[str, Any]]:
    """[{"name" at the server, "shown" to models, "description", "schema"}], each name once."""
    found: dict[str, dict[str, Any]] = {}
    size = 0
    for one in listed[:MOST_TOOLS]:
        name = one.get("name") if isinstance(one, dict) else None
        if not isinstance(name, str) or not 0 < len(name) <= NAME_LENGTH or not name.isprintable():
            continue
        shown = (slug + BETWEEN + re.sub(r"[^A-Za-z0-9_-]", "_", name))[:SHOWN_LENGTH]
        tool = {
            "name": name,
            "shown": shown,
            "description": plain(one.get("description"), DESCRIPTION_LENGTH),
            "schema": sound(one.get("inputSchema")),
        }
        size += len(json.dumps(tool))
        if size > ALL_BYTES:
            break
        found.setdefault(shown, tool)
    return list(found.values())


def plain(text: Any, length: int) -> str:
    """Text that shows all that it says: no control characters, none that cannot be seen."""
    if not isinstance(text, str):
        return ""
    text = _CONTROL.sub("", text[: 4 * length]).strip()
    return text if len(text) <= length else text[:length] + "…"


def sound(schema: Any) -> dict[str, Any]:
    """The schema of a tool's arguments; one that is too large or broken allows anything."""
    try:
        if not isinstance(schema, dict) or len(json.dumps(schema)) > SCHEMA_BYTES:
            return ANYTHING
        definitions = {
            f"#/{place}/{name}"
            for place in ("$defs", "definitions")
            for name in schema.get(place) or {}
        }
        if schema.get("type") != "object" or not _holds(schema, definitions, DEPTH):
            return ANYTHING
        kept = json.loads(_CONTROL.sub("", json.dumps(schema, ensure_ascii=False)))
        return {"properties": {}, **kept}
    except (ValueError, TypeError, RecursionError):
        return ANYTHING


def _holds(schema: Any, definitions: set[str], depth: int) -> bool:
    """Whether each part has the form that those who read schemas rely on."""
    if not isinstance(schema, dict) or depth == 0:
        return False
    if "$ref" in schema and schema["$ref"] not in definitions:
        return False
    for key, value in schema.items():
        if key in ("properties", "$defs", "definitions", "patternProperties"):
            if not isinstance(value, dict):
                return False
            parts = list(value.values())
        elif key in ("anyOf", "oneOf", "allOf", "prefixItems"):
            if not isinstance(value, list) or not value:
                return False
            parts = value
        elif key in ("items", "not", "additionalProperties"):
            parts = [] if isinstance(value, bool) else [value]
        elif key == "required":
            if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
                return False
            continue
        elif key == "type":
            if not isinstance(value, str | list):
                return False
            continue
        else:
            continue
        if not all(_holds(part, definitions, depth - 1) for part in parts):
            return False
    return True
