"""The pictures of docs/architecture show the imports as they are, and what is wrong with them."""

from __future__ import annotations

import itertools
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.core.management import call_command

from vibe.drawing import rooms, svg
from vibe.drawing.layout import Layout, lay_out
from vibe.drawing.rooms import House

ROOT = Path(__file__).parents[2]
AGAIN = "Run python3 manage.py draw_imports and commit docs/architecture/*.svg."
HOUSES = rooms.read(ROOT)


@pytest.fixture(params=HOUSES, ids=lambda house: house.name)
def house(request: pytest.FixtureRequest) -> House:
    return request.param


@pytest.fixture
def picture(house: House) -> str:
    return (ROOT / f"docs/architecture/{house.name}.svg").read_text(encoding="utf-8")


def test_the_committed_picture_shows_the_imports_of_today(house: House, picture: str) -> None:
    shown = svg.ties_of(picture)
    gone, new = shown - set(house.ties), set(house.ties) - shown
    assert not gone and not new, f"No more: {sorted(gone)}. New: {sorted(new)}. {AGAIN}"


def test_the_committed_picture_has_the_floors_of_today(house: House, picture: str) -> None:
    assert svg.rooms_of(picture) == [set(floor) for floor in house.floors], AGAIN


def test_every_room_of_the_code_is_in_a_picture() -> None:
    for house in HOUSES[1:]:
        app = ROOT / house.name
        found = {path.stem for path in app.iterdir() if (path / "__init__.py").is_file()}
        found |= {path.stem for path in app.glob("*.py")} - {"__init__"}
        shown = {room for floor in house.floors for room in floor}
        assert found - rooms.IGNORED == shown


def test_the_command_draws_all_of_them_and_the_same_each_time(
    tmp_path: Path, settings: Any
) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    settings.BASE_DIR = tmp_path
    call_command("draw_imports")
    drawn = {file.stem: file.read_text("utf-8") for file in tmp_path.glob("docs/*/*.svg")}
    assert drawn == {house.name: svg.drawn(house) for house in HOUSES}


def test_no_room_and_no_trunk_lies_over_another(house: House) -> None:
    for floor in lay_out(house).floors:
        for left, right in itertools.pairwise(floor):
            assert left.x + left.width / 2 < right.x - right.width / 2


def test_an_arrow_goes_down_through_each_floor_between() -> None:
    ties = Counter({("top", "middle"): 1, ("top", "low"): 4, ("middle", "low"): 2})
    layout = lay_out(House("three", "Three", [["top"], ["middle"], ["low"]], ties))
    flows = {(line.upper.room, line.lower.room, line.count) for line in layout.lines}
    assert flows == {("top", "middle", 1), ("top", "", 4), ("", "low", 4), ("middle", "low", 2)}
    assert _is_downward(layout)


def test_an_import_upwards_and_one_within_a_floor_are_red() -> None:
    ties = Counter({("low", "top"): 1, ("one", "other"): 1, ("top", "low"): 1})
    drawn = svg.drawn(House("bad", "Bad", [["top"], ["one", "other"], ["low"]], ties))
    red = [
        (path.attrib["data-from"], path.attrib["data-to"])
        for path in ElementTree.fromstring(drawn).iter(f"{svg.NAMESPACE}path")
        if path.get("class") == "wrong"
    ]
    assert red == [("low", "top"), ("one", "other")]
    assert svg.ties_of(drawn) == set(ties)


def test_no_arrow_of_today_is_red(house: House) -> None:
    assert lay_out(house).wrong == []


def test_a_room_on_no_floor_is_told() -> None:
    with pytest.raises(ValueError, match="attic"):
        House("new", "New", [["top"]], Counter({("top", "attic"): 1}))


def _is_downward(layout: Layout) -> bool:
    return all(line.upper.y < line.lower.y for line in layout.lines)
