"""Writes a picture as SVG that is readable in light and dark, and reads its ties back."""

from __future__ import annotations

from math import gcd
from xml.etree import ElementTree

from vibe.drawing.layout import ROOM_HEIGHT, Line, Place, lay_out
from vibe.drawing.rooms import House

MARGIN = 28.0
HEAD = 62.0
FOOT = 82.0
NAMESPACE = "{http://www.w3.org/2000/svg}"
LEGEND = (
    "An arrow leads from a room to one that it imports; arrows to the same room flow together.",
    "The wider, the more imports. Red: an import that goes up, or stays on its floor.",
)
STYLE = """\
svg { --paper: #ffffff; --floor: #f3f4f6; --box: #ffffff; --edge: #6b7280; --ink: #111827;
      --quiet: #4b5563; --wrong: #dc2626; --light: 42%; color-scheme: light dark; }
@media (prefers-color-scheme: dark) {
  svg { --paper: #0f1115; --floor: #191c22; --box: #23272f; --edge: #8b93a1; --ink: #f3f4f6;
        --quiet: #b6bcc8; --wrong: #f87171; --light: 66%; } }
text { font-family: system-ui, sans-serif; font-size: 14px; fill: var(--ink); }
.room text { font-weight: 600; text-anchor: middle; dominant-baseline: central; }
.room rect { fill: var(--box); stroke-width: 2; }
.title { font-size: 19px; font-weight: 700; }
.legend { font-size: 13px; fill: var(--quiet); }
path { fill: none; stroke-opacity: .8; }
.head { stroke: none; }
.wrong { stroke: var(--wrong); stroke-opacity: 1; }
"""


def drawn(house: House) -> str:
    """The picture of a house."""
    layout = lay_out(house)
    width = max(layout.width, 620.0) + 2 * MARGIN
    shift = (width - layout.width) / 2
    height = HEAD + layout.height + FOOT
    hues = _hues(house)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}" role="img" aria-label="{house.title}">',
        f"<style>\n{STYLE}{_colours(hues)}</style>",
        f'<rect width="{width:.0f}" height="{height:.0f}" rx="10" fill="var(--paper)"/>',
        f'<text class="title" x="{MARGIN:.0f}" y="36">{house.title}</text>',
    ]
    for floor in layout.floors:
        y = HEAD + floor[0].y - 9
        parts.append(
            f'<rect x="12" y="{y:.0f}" width="{width - 24:.0f}" '
            f'height="{ROOM_HEIGHT + 18:.0f}" rx="8" fill="var(--floor)"/>'
        )
    parts.append(f'<g transform="translate({shift:.1f} {HEAD:.0f})">')
    parts += [_passage(p) for floor in layout.floors for p in floor if p.target]
    parts += [_line(line) for line in sorted(layout.lines, key=lambda line: -line.count)]
    parts += [_room(p, hues) for floor in layout.floors for p in floor if p.room]
    parts += [_wrong(a, b, count) for a, b, count in layout.wrong]
    parts.append("</g>")
    parts += [
        f'<text class="legend" x="{MARGIN:.0f}" y="{height - 34 + 19 * number:.0f}">{text}</text>'
        for number, text in enumerate(LEGEND)
    ]
    return "\n".join([*parts, "</svg>", ""])


def ties_of(picture: str) -> set[tuple[str, str]]:
    """(room, room that it imports) of each arrow in a picture."""
    root = ElementTree.fromstring(picture)  # noqa: S314 - a file of this repository
    arrows = root.iter(f"{NAMESPACE}path")
    return {(a.attrib["data-from"], a.attrib["data-to"]) for a in arrows if "data-from" in a.attrib}


def rooms_of(picture: str) -> list[set[str]]:
    """The rooms on each floor of a picture, from the top down."""
    root = ElementTree.fromstring(picture)  # noqa: S314 - a file of this repository
    floors: dict[float, set[str]] = {}
    for group in root.iter(f"{NAMESPACE}g"):
        if group.get("class") == "room":
            box, name = group[0], group[1].text
            floors.setdefault(float(box.attrib["y"]), set()).add(name or "")
    return [floors[y] for y in sorted(floors)]


def _hues(house: House) -> dict[str, int]:
    """A hue for each room that is imported, none of them red; those of neighbours lie far apart."""
    imported = {b for _, b in house.ties}
    targets = [room for floor in house.floors for room in floor if room in imported]
    count = len(targets)
    stride = next(n for n in range(max(count * 2 // 5, 1), count + 2) if gcd(n, count) == 1)
    return {room: 30 + 300 * (n * stride % count) // count for n, room in enumerate(targets)}


def _colours(hues: dict[str, int]) -> str:
    return "".join(
        f".to-{room} {{ stroke: hsl({hue} 58% var(--light)); }} "
        f".head.to-{room} {{ fill: hsl({hue} 58% var(--light)); }}\n"
        for room, hue in hues.items()
    )


def _room(place: Place, hues: dict[str, int]) -> str:
    y = place.y
    kind = f'class="to-{place.room}"' if place.room in hues else 'stroke="var(--edge)"'
    return (
        f'<g class="room"><rect {kind} x="{place.x - place.width / 2:.1f}" y="{y:.0f}" '
        f'width="{place.width:.1f}" height="{ROOM_HEIGHT:.0f}" rx="6"/>'
        f'<text x="{place.x:.1f}" y="{y + ROOM_HEIGHT / 2:.0f}">{place.room}</text></g>'
    )


def _passage(place: Place) -> str:
    y = place.y
    return (
        f'<path class="to-{place.target}" stroke-width="{place.width:.1f}" '
        f'd="M{place.x:.1f} {y - 0.3:.1f}V{y + ROOM_HEIGHT + 0.3:.1f}"/>'
    )


def _line(line: Line) -> str:
    y1, y2 = line.upper.y + ROOM_HEIGHT, line.lower.y
    arrives = bool(line.lower.room)
    head = 5.0 + line.width * 0.5
    stop = y2 - head if arrives else y2
    bend = (stop - y1) * 0.55
    names = f' data-from="{line.origin}" data-to="{line.target}"' if line.origin else ""
    title = f"<title>{line.origin} → {line.target}: {line.count}</title>" if line.origin else ""
    drawn = (
        f'<path class="to-{line.target}"{names} stroke-width="{line.width:.1f}" '
        f'd="M{line.start:.1f} {y1:.1f}C{line.start:.1f} {y1 + bend:.1f} '
        f'{line.end:.1f} {stop - bend:.1f} {line.end:.1f} {stop:.1f}">{title}</path>'
    )
    if not arrives:
        return drawn
    half = head * 0.8
    return (
        f'{drawn}<path class="head to-{line.target}" d="M{line.end - half:.1f} {stop - 0.5:.1f}'
        f'H{line.end + half:.1f}L{line.end:.1f} {y2 - 0.5:.1f}Z"/>'
    )


def _wrong(importer: Place, imported: Place, count: int) -> str:
    """An arc beside the rooms: it must be seen, and there should be none."""
    x1, y1 = importer.x + importer.width / 2, importer.y + ROOM_HEIGHT / 2
    x2, y2 = imported.x + imported.width / 2, imported.y + ROOM_HEIGHT / 2
    out = max(x1, x2) + 30
    return (
        f'<path class="wrong" data-from="{importer.room}" data-to="{imported.room}" '
        f'stroke-width="3" d="M{x1:.1f} {y1:.1f}C{out:.1f} {y1:.1f} {out:.1f} {y2:.1f} '
        f'{x2:.1f} {y2:.1f}m7 -5l-7 5l7 5">'
        f"<title>{importer.room} → {imported.room}: {count}</title></path>"
    )
