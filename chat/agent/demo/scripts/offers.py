"""Suggestions: what a person could say next. Each works when sent word for word."""

from __future__ import annotations

import re
from collections.abc import Iterable

from chat.agent.demo import catalogue
from chat.agent.demo.scene import Scene
from chat.agent.demo.understanding.colours import COLOURS

_ACCENT = re.compile(r"--accent:\s*(#[0-9a-f]{6})")
PURPLES = (COLOURS["purple"], COLOURS["violet"])
GREENS = (COLOURS["green"],)
RECIPES = (
    "todo", "landing", "snake", "notes", "dashboard", "kanban", "react", "chat", "quiz",
    "calculator", "markdown", "rest_api", "pomodoro", "memory", "tictactoe", "blog", "flask",
    "fastapi", "buggy", "node_hello",
)  # fmt: skip
# Recipes near to what an unknown request is about.
NEAR = {
    "game": ("snake", "tictactoe", "memory", "quiz"),
    "shop": ("landing", "kanban", "dashboard"),
    "data": ("dashboard", "rest_api", "notes"),
    "social": ("chat", "blog", "flask"),
    "login": ("flask", "notes", "rest_api"),
    "mobile": ("react", "todo", "pomodoro"),
    "bot": ("chat", "quiz", "rest_api"),
    "picture": ("landing", "dashboard", "memory"),
    "form": ("flask", "notes", "landing"),
    "tool": ("calculator", "pomodoro", "rest_api"),
    "words": ("blog", "markdown", "notes"),
}


def build(scene: Scene, name: str) -> str:
    """ "Build a quiz" """
    noun = catalogue.in_language(catalogue.recipe(name).noun, scene.voice.language)
    return scene.voice.offer("build", noun=noun)


def builds(scene: Scene, *names: str) -> str:
    return listed([build(scene, name) for name in names])


def listed(offers: list[str]) -> str:
    return ", ".join(offers)


def changes(scene: Scene) -> list[str]:
    """Changes of the app that there is; ways to one when there is none."""
    if not scene.files:
        return [build(scene, "todo"), build(scene, "landing")]
    key = "colour" if accent(scene.files.values()) in GREENS else "colour_green"
    return [scene.voice.offer(name) for name in (key, "heading", "dark")]


def changes_in_turn(scene: Scene, turn: int) -> list[str]:
    """Two of the changes, something new and the overview, others at each turn."""
    first, second = ((changes(scene) * 2)[turn % 3 + number] for number in range(2))
    new = build(scene, RECIPES[(turn + 2) % len(RECIPES)])
    return list(dict.fromkeys([first, second, new, scene.voice.offer("help")]))


def another_colour(scene: Scene, texts: Iterable[str]) -> str:
    """To change the colour of an app with these files to one that it does not have."""
    return scene.voice.offer("colour_green" if accent(texts) in PURPLES else "colour")


def accent(texts: Iterable[str]) -> str:
    """The accent colour that the texts define last."""
    found = [match.group(1) for text in texts for match in _ACCENT.finditer(text)]
    return found[-1] if found else ""


def after_failure(scene: Scene) -> str:
    """Offers once something went wrong: what surely works here."""
    keys = ["list", "help"] if scene.has_sandbox else ["sandbox", "help"]
    return listed([scene.voice.offer(key) for key in keys])
