"""A change of one element, made in its source at one place: text, style or a picture's address.

Whatever is not certain is refused: the model can be asked for it.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field

from sandboxes.services.elements import places
from sandboxes.services.elements.element import Element, squeezed
from sandboxes.services.elements.locating import CERTAIN, Source
from sandboxes.services.elements.openings import Attribute, Opening
from sandboxes.services.elements.patterns import is_literal
from vibe.refusal import Refusal

STYLES = ("color", "background-color", "padding", "margin")
_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})|[a-z]{3,20}")
_LENGTH = r"(?:0|-?\d{1,4}(?:\.\d{1,3})?(?:px|rem|em|%)|auto)"
_SPACING = re.compile(rf"{_LENGTH}(?: {_LENGTH}){{0,3}}")
_SIMPLE = re.compile(
    r"\s*([A-Za-z]+)\s*:\s*(?:\"([^\"\\]*)\"|'([^'\\]*)'|(\d+(?:\.\d+)?))\s*(?:,|$)"
)
_CODE = ("jsx", "tsx", "js", "ts", "mjs")


@dataclass(frozen=True)
class Change:
    """What is to be different; None and {} for what stays."""

    text: str | None = None
    style: dict[str, str] = field(default_factory=dict)
    src: str | None = None


def possible(source: Source, element: Element) -> list[str]:
    """Which of text, style and src can be changed right in the source."""
    opening = source.opening
    if source.sure != CERTAIN or opening is None or places.kind_of(source.path) == "py":
        return []
    found = []
    if _shows(opening, element):
        found.append("text")
    if _style_of(source, opening) is not None:
        found.append("style")
    src = opening.attributes.get("src")
    if element.tag == "img" and src and _is_given(src, element.attributes.get("src", "")):
        found.append("src")
    return found


def changed(source: Source, element: Element, change: Change) -> str:
    """The whole text of the file with the change in it. Raises Refusal(invalid, conflict)."""
    allowed = possible(source, element)
    wanted = [("text", change.text), ("style", change.style or None), ("src", change.src)]
    named = [name for name, value in wanted if value is not None]
    if not named:
        raise Refusal("Nothing is to be changed.", "Name a text, a style or a picture.", "invalid")
    opening = source.opening
    if opening is None or not set(named) <= set(allowed):
        raise Refusal(
            "It is not certain where this is written, so it is not changed directly.",
            "Ask the model for it: what you have picked goes into the message.",
            "conflict",
        )
    pieces: list[tuple[int, int, str]] = []
    if change.text is not None:
        pieces.append(_text(opening, change.text))
    if change.style:
        pieces.append(_style(source, opening, change.style))
    if change.src is not None:
        written = opening.attributes["src"]
        pieces.append((written.start, written.end, _escaped(change.src.strip())))
    text = source.text
    for start, end, put in sorted(pieces, reverse=True):
        text = text[:start] + put + text[end:]
    if text == source.text:
        raise Refusal("It is like that already.", "Say what is to be different.", "invalid")
    return text


def _shows(opening: Opening, element: Element) -> bool:
    """Whether its text, and nothing else, is what stands between its tags."""
    written = opening.content
    return (
        opening.closed
        and element.only_text
        and bool(written.strip())
        and is_literal(written)
        and squeezed(html.unescape(written)) == squeezed(element.text)
    )


def _is_given(attribute: Attribute, shown: str) -> bool:
    literal = attribute.kind == "quoted" and is_literal(attribute.value)
    return literal and html.unescape(attribute.value) == shown


def _text(opening: Opening, text: str) -> tuple[int, int, str]:
    written = opening.content
    start = opening.end + len(written) - len(written.lstrip())
    end = opening.end + len(written.rstrip())
    text = squeezed(text)
    if not text:
        raise Refusal("The text would be empty.", "Ask the model to remove the element.", "invalid")
    return start, end, _escaped(text)


def _escaped(text: str) -> str:
    """As HTML and JSX both read it, and no template takes for its own."""
    return html.escape(text).replace("{", "&#123;").replace("}", "&#125;")


def _style_of(source: Source, opening: Opening) -> dict[str, str] | None:
    """What its own style attribute says, by the names of CSS; None where that is not certain."""
    style = opening.attributes.get("style")
    if style is None:
        return {}
    if places.kind_of(source.path) in _CODE:
        return _of_object(style.value) if style.kind == "code" else None
    if style.kind != "quoted" or not is_literal(style.value):
        return None
    said: dict[str, str] = {}
    for one in html.unescape(style.value).split(";"):
        name, colon, value = one.partition(":")
        if colon:
            said[name.strip().lower()] = value.strip()
        elif name.strip():
            return None
    return said


def _of_object(code: str) -> dict[str, str] | None:
    """Of an object in JSX that holds nothing but words and numbers."""
    inner = code.strip()
    if not (inner.startswith("{") and inner.endswith("}")):
        return None
    inner, at, said = inner[1:-1], 0, {}
    while inner[at:].strip():
        one = _SIMPLE.match(inner, at)
        if one is None:
            return None
        # A number stays one: it may be a length or not.
        said[_dashed(one[1])] = f"={one[4]}" if one[4] else one[2] or one[3] or ""
        at = one.end()
    return said


def _style(source: Source, opening: Opening, wanted: dict[str, str]) -> tuple[int, int, str]:
    said = _style_of(source, opening) or {}
    for name, value in wanted.items():
        pattern = _COLOUR if "color" in name else _SPACING
        if name not in STYLES or not pattern.fullmatch(value.strip()):
            raise Refusal(
                f"{name[:40]}: {value[:60]!r} is no value of a style here.",
                "Colours are such as #336699, spaces such as 8px or 8px 16px.",
                "invalid",
            )
        said[name] = value.strip()
    if places.kind_of(source.path) in _CODE:
        pairs = ", ".join(f"{_camel(name)}: {_in_code(value)}" for name, value in said.items())
        put = f"{{ {pairs} }}"
        wrapped = f" style={{{put}}}"
    else:
        put = html.escape("; ".join(f"{name}: {value}" for name, value in said.items()))
        wrapped = f' style="{put}"'
    style = opening.attributes.get("style")
    if style is not None:
        return style.start, style.end, put
    at = opening.start + 1 + len(opening.tag)
    return at, at, wrapped


def _in_code(value: str) -> str:
    return value[1:] if value.startswith("=") else f'"{value}"'


def _camel(name: str) -> str:
    first, *rest = name.split("-")
    return first + "".join(part.capitalize() for part in rest)


def _dashed(name: str) -> str:
    return re.sub(r"[A-Z]", lambda letter: f"-{letter[0].lower()}", name)
