"""Which rooms there are, on which floors they stand, and which of them import which.

A room is a module or package directly below an app. The floors are those of the import contracts
in pyproject.toml.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grimp

APPS = ("chat", "sandboxes", "vibe")
# Loaded by Django alone, and tied to everything.
IGNORED = {"migrations", "apps"}

Ties = Counter[tuple[str, str]]


@dataclass(frozen=True)
class House:
    """One picture: `floors` from the top down, and how many imports tie one room to another."""

    name: str
    title: str
    floors: list[list[str]]
    ties: Ties

    def __post_init__(self) -> None:
        known = {room for floor in self.floors for room in floor}
        if missing := {room for tie in self.ties for room in tie} - known:
            raise ValueError(f"No layer of a contract in pyproject.toml names {sorted(missing)}.")


def read(root: Path) -> list[House]:
    """The three pictures of the code below `root`."""
    graph = grimp.build_graph(*APPS, exclude_type_checking_imports=False, cache_dir=None)
    contracts = _contracts(root / "pyproject.toml")
    pairs = [
        (importer, imported)
        for importer in graph.modules
        for imported in graph.find_modules_directly_imported_by(importer)
        if not IGNORED & {*importer.split(".")[1:2], *imported.split(".")[1:2]}
    ]
    return [
        _apps(pairs, contracts["vibe"]),
        _app("sandboxes", pairs, contracts["sandboxes"]),
        _app("chat", pairs, contracts["chat"]),
    ]


def _app(app: str, pairs: Iterable[tuple[str, str]], floors: list[list[str]]) -> House:
    ties = _ties((_room(a, app), _room(b, app)) for a, b in pairs)
    return House(app, f"The floors of {app}", floors, ties)


def _apps(pairs: Iterable[tuple[str, str]], floors: list[list[str]]) -> House:
    """Vibe's floors, and the two other apps below the lowest of them that imports one."""

    def room(module: str) -> str:
        app = module.partition(".")[0]
        return app if app != "vibe" else _room(module, "vibe")

    ties = _ties((room(a), room(b)) for a, b in pairs)
    users = {a for a, b in ties if b in ("chat", "sandboxes")}
    lowest = max(number for number, rooms in enumerate(floors) if users & set(rooms))
    whole = [*floors[: lowest + 1], ["chat"], ["sandboxes"], *floors[lowest + 1 :]]
    return House("apps", "The apps, between the roof and the ground of vibe", whole, ties)


def _ties(pairs: Iterable[tuple[str, str]]) -> Ties:
    return Counter((a, b) for a, b in pairs if a and b and a != b)


def _room(module: str, app: str) -> str:
    """Name of the room of `app` that a module lies in; empty for one outside of it."""
    first, _, rest = module.partition(".")
    return rest.partition(".")[0] if first == app else ""


def _contracts(file: Path) -> dict[str, list[list[str]]]:
    """The layers of each app, from the top down."""
    settings: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    found: dict[str, list[list[str]]] = {}
    for contract in settings["tool"]["importlinter"]["contracts"]:
        for container in contract.get("containers", []):
            layers = [layer.replace(":", "|").split("|") for layer in contract["layers"]]
            found[container] = [[room.strip(" ()") for room in layer] for layer in layers]
    return found
