"""Small changes to a page that the demo model wrote: its words and its colours."""

from __future__ import annotations

import re
from collections.abc import Callable

from chat.agent.demo import reasons
from chat.agent.demo.scene import Scene
from chat.agent.demo.scripts import commands
from chat.agent.demo.steps import Call, Say, Script
from chat.agent.demo.templates import escape

COLOURS = {
    "red": "#dc2626", "orange": "#ea580c", "yellow": "#ca8a04", "green": "#16a34a",
    "teal": "#0d9488", "turquoise": "#0891b2", "blue": "#2563eb", "indigo": "#4f46e5",
    "violet": "#7c3aed", "purple": "#9333ea", "pink": "#db2777", "brown": "#92400e",
    "grey": "#64748b", "gray": "#64748b", "black": "#18181b", "white": "#ffffff",
}  # fmt: skip
_COLOUR = re.compile(r"#[0-9a-f]{6}\b|#[0-9a-f]{3}\b|\b(?:" + "|".join(COLOURS) + r")\b", re.I)
_SHADES = {"dark": 0.62, "light": 1.45, "bright": 1.2}


def words(scene: Scene, what: str, text: str) -> Script:
    """Set the heading, the title, or the line below the heading."""
    safe = escape(text)

    def edit(content: str) -> str:
        if what in ("subtitle", "description", "paragraph", "subheading"):
            return _inside(content, r"<p class=\"lead\"[^>]*>", "</p>", safe)
        content = _inside(content, r"<h1[^>]*>", "</h1>", safe)
        return _inside(content, r"<title>", "</title>", safe)

    yield from _changed(scene, "<h1", edit, f"The {what} now says “{text}”.")


def colour(scene: Scene, text: str) -> Script:
    """Set the accent colour, or the background's."""
    value = named_colour(text)
    if value is None:
        yield Say(
            "Which colour do you mean? I know "
            + ", ".join(name for name in COLOURS if name != "gray")
            + ", and codes such as `#0ea5e9`."
        )
        return
    variable = "--page" if "background" in text.lower() else "--accent"

    def edit(content: str) -> str:
        return re.sub(rf"({variable}:\s*)[^;]+;", rf"\g<1>{value};", content)

    part = "background" if variable == "--page" else "colour"
    yield from _changed(scene, "--accent", edit, f"The {part} is `{value}` now.")


def named_colour(text: str) -> str | None:
    """The hexadecimal code of the last colour that the text names, with “dark” and “light”."""
    found = list(_COLOUR.finditer(text))
    if not found:
        return None
    name = found[-1].group().lower()
    value = COLOURS.get(name, name)
    before = text[: found[-1].start()].lower().split()
    shade = _SHADES.get(before[-1].strip("-")) if before else None
    return _shaded(value, shade) if shade and len(value) == 7 else value


def _shaded(value: str, factor: float) -> str:
    parts = [int(value[place : place + 2], 16) for place in (1, 3, 5)]
    return "#" + "".join(f"{min(255, round(part * factor)):02x}" for part in parts)


def _changed(scene: Scene, mark: str, edit: Callable[[str], str], done: str) -> Script:
    """Read the file that holds `mark`, edit it, write it, restart what serves it."""
    path = next((name for name in reversed(scene.files) if mark in scene.files[name]), None)
    if path is None:
        yield Say(
            "There is no page of mine in this conversation yet. Say **Create a static page** or "
            "**Create a simple Node.js hello world app** first."
        )
        return
    present = yield Call(
        "read_file",
        {"path": path},
        thought=f"{path} holds that; you may have changed it, so I read it first.",
        words=f"Let me look at `{path}`.",
    )
    if reasons.failed(present):
        yield reasons.explain(present)
    before = present.data.get("content", "")
    after = edit(before)
    if after == before:
        yield Say(f"I found nothing to change in `{path}`: it may already be as you want it.")
    written = yield Call(
        "write_files",
        {"files": [{"path": path, "content": after}]},
        words="I change only that.",
    )
    if reasons.failed(written):
        yield reasons.explain(written)
    serving = next((one for one in reversed(scene.servers) if path in one.arguments), None)
    if serving is not None:
        # The program holds the page in itself and has to be started anew.
        where = yield from commands.restarted(scene, serving)
        yield Say(f"{done} {where}")
    yield Say(f"{done} Reload the preview to see it.")


def _inside(content: str, opening: str, closing: str, text: str) -> str:
    return re.sub(
        rf"({opening}).*?({re.escape(closing)})",
        lambda match: f"{match.group(1)}{text}{match.group(2)}",
        content,
        count=1,
        flags=re.S,
    )
