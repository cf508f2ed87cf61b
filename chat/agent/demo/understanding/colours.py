"""Colours by name, shade and code."""

from __future__ import annotations

import re

from chat.agent.demo.understanding.lexicon import Found

COLOURS = {
    "red": "#dc2626", "orange": "#ea580c", "yellow": "#ca8a04", "green": "#16a34a",
    "teal": "#0d9488", "turquoise": "#0891b2", "blue": "#2563eb", "indigo": "#4f46e5",
    "violet": "#7c3aed", "purple": "#9333ea", "pink": "#db2777", "brown": "#92400e",
    "grey": "#64748b", "black": "#18181b", "white": "#ffffff",
}  # fmt: skip
_CODE = re.compile(r"#(?:[0-9a-f]{6}|[0-9a-f]{3})\b", re.I)
_SHADES = {"dark": 0.62, "light": 1.45}


def named_colour(text: str, found: Found) -> str:
    """The hexadecimal code of the last colour that the text names, made darker or lighter as its
    neighbour says; "" when it names none.
    """
    if codes := _CODE.findall(text):
        code = str(codes[-1]).lower()
        return code if len(code) == 7 else "#" + "".join(letter * 2 for letter in code[1:])
    names = found.all("colour.")
    if not names:
        return ""
    value, place = COLOURS[names[-1]], found.concepts[f"colour.{names[-1]}"]
    shade = next(
        (shade for shade in _SHADES if abs(found.concepts.get(f"shade.{shade}", -9) - place) == 1),
        "",
    )
    return _shaded(value, _SHADES[shade]) if shade else value


def luminance(value: str) -> float:
    """From 0 (black) to 1 (white), as contrast is reckoned."""
    parts = [int(value[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _shaded(value: str, factor: float) -> str:
    parts = [int(value[place : place + 2], 16) for place in (1, 3, 5)]
    return "#" + "".join(f"{min(255, round(part * factor)):02x}" for part in parts)
