"""Where rooms and lines of a picture go: rooms on their floors, lines through the gaps between.

What imports the same room flows together: on each floor that lies between, one trunk has a place
of its own beside the rooms, so no line crosses a room.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass, field

from vibe.drawing.rooms import House

ROOM_HEIGHT = 32.0
# Between two floors: the more lines cross there, the more they need.
LEAST, A_LINE, MOST = 48.0, 1.8, 110.0
GAP = 20.0
LETTER = 8.8
SWEEPS = 40
PULLS = 60


@dataclass(eq=False)
class Place:
    """A room, or where the trunk to the room `target` passes a floor (`room` is then empty)."""

    floor: int
    room: str = ""
    target: str = ""
    width: float = 0.0
    x: float = 0.0  # of its middle
    y: float = 0.0  # of its upper edge
    above: list[Line] = field(default_factory=list)
    below: list[Line] = field(default_factory=list)


@dataclass(eq=False)
class Line:
    """From one floor to the next. `origin` names the room where it begins, empty for a trunk."""

    upper: Place
    lower: Place
    target: str
    count: int
    origin: str = ""
    start: float = 0.0
    end: float = 0.0

    @property
    def width(self) -> float:
        return 1.2 + 0.9 * float(self.count) ** 0.5


@dataclass
class Layout:
    """Places by floor, lines, and the ties that go up or stay on a floor."""

    floors: list[list[Place]]
    lines: list[Line]
    wrong: list[tuple[Place, Place, int]]
    width: float = 0.0
    height: float = 0.0


def lay_out(house: House) -> Layout:
    """Give each room and each line its place."""
    rooms = {
        room: Place(number, room=room)
        for number, floor in enumerate(house.floors)
        for room in floor
    }
    floors = [[rooms[room] for room in floor] for floor in house.floors]
    wrong = [
        (rooms[a], rooms[b], count)
        for (a, b), count in sorted(house.ties.items())
        if rooms[a].floor >= rooms[b].floor
    ]
    found = Layout(floors, [], wrong)
    for target in rooms.values():
        _connect(found, target, rooms, house)
    for place in rooms.values():
        lines = max(_room_for(place.above), _room_for(place.below))
        place.width = max(len(place.room) * LETTER + 26, lines + 12)
    _order(floors)
    _position(floors)
    _attach(floors)
    left = min(place.x - place.width / 2 for floor in floors for place in floor)
    y = 0.0
    for floor in floors:
        for place in floor:
            place.x, place.y = place.x - left, y
        lines = sum(len(place.below) for place in floor)
        found.height = y + ROOM_HEIGHT
        y = found.height + min(LEAST + A_LINE * lines, MOST)
    for line in found.lines:
        line.start, line.end = line.start - left, line.end - left
    found.width = max(place.x + place.width / 2 for floor in floors for place in floor)
    return found


def _connect(found: Layout, target: Place, rooms: dict[str, Place], house: House) -> None:
    """Draw the lines that lead to a room, floor by floor from the highest that imports it."""
    by_floor: dict[int, list[tuple[Place, int]]] = defaultdict(list)
    for (a, b), count in sorted(house.ties.items()):
        if b == target.room and rooms[a].floor < target.floor:
            by_floor[rooms[a].floor].append((rooms[a], count))
    trunk: Place | None = None
    flow = 0
    for floor in range(min(by_floor, default=target.floor), target.floor):
        below = target
        if floor + 1 < target.floor:
            below = Place(floor + 1, target=target.room)
            found.floors[floor + 1].append(below)
        if trunk is not None:
            _add(found, Line(trunk, below, target.room, flow))
        for room, count in by_floor[floor]:
            _add(found, Line(room, below, target.room, count, origin=room.room))
            flow += count
        below.width = below.width or Line(below, below, "", flow).width
        trunk = below


def _add(found: Layout, line: Line) -> None:
    found.lines.append(line)
    line.upper.below.append(line)
    line.lower.above.append(line)


def _room_for(lines: list[Line]) -> float:
    return sum(line.width + 3 for line in lines)


def _order(floors: list[list[Place]]) -> None:
    """Sort each floor by the middle of its neighbours, down and up, and keep the best."""
    best, fewest = [list(floor) for floor in floors], _crossings(floors)
    for sweep in range(SWEEPS):
        downwards = sweep % 2 == 0
        numbers = range(1, len(floors)) if downwards else range(len(floors) - 2, -1, -1)
        for number in numbers:
            beside = {p: i for i, p in enumerate(floors[number + (-1 if downwards else 1)])}
            own = {p: i for i, p in enumerate(floors[number])}

            def middle(
                place: Place,
                beside: dict[Place, int] = beside,
                own: dict[Place, int] = own,
                downwards: bool = downwards,
            ) -> float:
                ends = [
                    beside[line.upper if downwards else line.lower]
                    for line in (place.above if downwards else place.below)
                ]
                return sum(ends) / len(ends) if ends else own[place] * len(beside) / len(own)

            floors[number].sort(key=middle)
        if (crossings := _crossings(floors)) < fewest:
            best, fewest = [list(floor) for floor in floors], crossings
    for floor, order in zip(floors, best, strict=True):
        floor[:] = order


def _crossings(floors: list[list[Place]]) -> int:
    found = 0
    for upper, lower in itertools.pairwise(floors):
        order = {place: number for number, place in enumerate(lower)}
        ends = [
            (number, order[line.lower])
            for number, place in enumerate(upper)
            for line in place.below
        ]
        found += sum(a < c and b > d for a, b in ends for c, d in ends)
    return found


def _position(floors: list[list[Place]]) -> None:
    """Pull each place towards its neighbours, as near as those beside it allow."""
    for floor in floors:
        at = 0.0
        for place in floor:
            place.x = at + place.width / 2
            at += place.width + GAP
    widest = max(floor[-1].x for floor in floors)
    for floor in floors:  # begin in the middle
        shift = (widest - floor[-1].x) / 2
        for place in floor:
            place.x += shift
    middle = widest / 2
    for pull in range(PULLS):
        for floor in floors if pull % 2 == 0 else reversed(floors):
            wanted = []
            for place in floor:
                ends = [line.upper.x for line in place.above]
                ends += [line.lower.x for line in place.below]
                wanted.append(sum(ends) / len(ends) if ends else middle)
            for place, x in zip(floor, _apart(floor, wanted), strict=True):
                place.x = x
        places = [place.x for floor in floors for place in floor]
        middle = sum(places) / len(places)


def _apart(floor: list[Place], wanted: list[float]) -> list[float]:
    """The nearest positions to those wanted that keep order and distance (isotonic regression)."""
    offsets = [0.0]
    for a, b in itertools.pairwise(floor):
        offsets.append(offsets[-1] + (a.width + b.width) / 2 + GAP)
    blocks: list[tuple[float, int]] = []  # (mean, size)
    for x, offset in zip(wanted, offsets, strict=True):
        mean, size = x - offset, 1
        while blocks and blocks[-1][0] > mean:
            before, count = blocks.pop()
            mean, size = (mean * size + before * count) / (size + count), size + count
        blocks.append((mean, size))
    means = [mean for mean, size in blocks for _ in range(size)]
    return [mean + offset for mean, offset in zip(means, offsets, strict=True)]


def _attach(floors: list[list[Place]]) -> None:
    """Spread the ends of lines along a room; at a trunk they meet in one point."""
    for place in (place for floor in floors for place in floor):
        for lines, upwards in ((place.above, True), (place.below, False)):
            lines.sort(key=lambda line: line.upper.x if upwards else line.lower.x)
            at = place.x - (_room_for(lines) - 3) / 2
            for line in lines:
                x = at + line.width / 2 if place.room else place.x
                at += line.width + 3
                if upwards:
                    line.end = x
                else:
                    line.start = x
