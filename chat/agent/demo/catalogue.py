"""The recipes: folders below `recipes`, each with a recipe.json and the files of an app."""

from __future__ import annotations

import html
import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "recipes"
SHARED = FOLDER / "shared"
# Typed by a person and put into HTML inside JavaScript and Python: entities are safe in all.
_MARKUP = str.maketrans({"`": "&#96;", "\\": "&#92;", "{": "&#123;", "}": "&#125;", "$": "&#36;"})

Files = list[dict[str, str]]


@dataclass(frozen=True)
class Bug:
    """A fault that the recipe was given on purpose, and how it is mended."""

    file: str
    find: str
    replace: str
    cause: dict[str, str]
    change: dict[str, str]


@dataclass(frozen=True)
class Recipe:
    name: str
    title: dict[str, str]
    # "a notes app": what a suggestion says after "Build".
    noun: dict[str, str]
    done: dict[str, str]
    # Where its files go; "" is the top of the workspace.
    folder: str
    # Program and arguments, {folder} in them; empty for what a file server shows.
    start: list[str] = field(default_factory=list)
    # Folder below `folder` whose files a browser gets: there is room for more pages.
    pages: str | None = ""
    install: list[str] = field(default_factory=list)
    # Whether it has to run in its folder.
    inside: bool = False
    # {path in the app: file of recipes/shared}
    shared: dict[str, str] = field(default_factory=dict)
    made_with: str = "HTML, CSS and JavaScript"
    bug: Bug | None = None

    def files(self, folder: str, values: dict[str, str]) -> Files:
        """Arguments of write_files. values: what stands for {{name}} in the files, as text."""
        own = FOLDER / self.name / "app"
        found = {
            path.relative_to(own).as_posix(): path
            for path in sorted(own.rglob("*"))
            if path.is_file()
        }
        found = {name: path for name, path in found.items() if "__pycache__" not in name}
        for target, source in self.shared.items():
            found[target] = SHARED / source
        # The page that "change the heading" means comes last.
        order = sorted(found, key=lambda name: (name.endswith(("index.html", "page.html")), name))
        return [
            {"path": folder + name, "content": _filled(found[name].read_text("utf-8"), values)}
            for name in order
        ]


@cache
def recipe(name: str) -> Recipe:
    data: dict[str, Any] = json.loads((FOLDER / name / "recipe.json").read_text("utf-8"))
    if bug := data.pop("bug", None):
        data["bug"] = Bug(**bug)
    return Recipe(name=name, **data)


@cache
def names() -> list[str]:
    return sorted(path.parent.name for path in FOLDER.glob("*/recipe.json"))


def bugs() -> list[Bug]:
    return [found.bug for name in names() if (found := recipe(name)).bug]


def escaped(text: str) -> str:
    return html.escape(text).translate(_MARKUP)


def in_language(texts: dict[str, str], language: str) -> str:
    return texts.get(language) or texts["en"]


def _filled(content: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        content = content.replace("{{" + name + "}}", value)
    return content
