"""A page as assistive technology reads it: roles and names, indented."""

from __future__ import annotations

from typing import Any

from .page import Page
from .wire import Refused

MOST_CHARACTERS, MOST_NODES, DEEPEST = 8_000, 3_000, 40
SILENT = {"none", "generic", "InlineTextBox", "LineBreak", "ignored", "RootWebArea", "paragraph"}


async def outline(page: Page) -> str:
    """The accessibility tree as text; "" where the page gives none."""
    try:
        nodes = (await page.call("Accessibility.getFullAXTree", {"depth": DEEPEST})).get("nodes")
    except (Refused, TimeoutError):
        return ""
    known = {str(one.get("nodeId")): one for one in (nodes or [])[:MOST_NODES]}
    lines: list[str] = []
    seen: set[str] = set()

    def walk(key: str, depth: int) -> None:
        node = known.get(key)
        if node is None or key in seen or sum(map(len, lines)) > MOST_CHARACTERS:
            return
        seen.add(key)
        line = "" if node.get("ignored") else _line(node)
        if line:
            lines.append("  " * min(depth, 12) + line)
        for child in node.get("childIds") or []:
            walk(str(child), depth + bool(line))

    for key in list(known)[:1]:
        walk(key, 0)
    return "\n".join(lines)[:MOST_CHARACTERS]


def _line(node: dict[str, Any]) -> str:
    role = str((node.get("role") or {}).get("value"))
    name = str((node.get("name") or {}).get("value") or "").strip()[:120]
    if role in SILENT:
        return ""
    if role == "StaticText":
        return f'"{name}"' if name else ""
    value = str((node.get("value") or {}).get("value") or "")[:80]
    states = [
        str(one.get("name"))
        for one in node.get("properties") or []
        if one.get("name") in ("checked", "disabled", "expanded", "selected", "focused", "invalid")
        and (one.get("value") or {}).get("value") in (True, "true", "mixed")
    ]
    words = [role, f'"{name}"' if name else "", f"= {value}" if value else "", *states]
    return " ".join(word for word in words if word)
