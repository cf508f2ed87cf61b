"""What the pages name exists: paths, names in files, modules, commands, chores, pages, anchors.

A text between backticks counts as

* a path, when it begins with the name of a directory at the top of the repository and a slash; a
  part in capitals stands for any name, and `:name` behind it for a name in that file;
* a module or a name in one, when it is dotted and begins with the name of an app;
* neither, when it holds a space or another sign that no path has.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).parents[2]
TOP = [path.name for path in ROOT.iterdir() if path.is_dir()]
APPS = ("chat", "sandboxes", "vibe", "tests")
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]

FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
PATH = re.compile(rf"((?:{'|'.join(map(re.escape, TOP))})/[\w./*-]*)(?::([\w.]+))?")
CAPITALS = re.compile(r"\b[A-Z]{2,}\b")
DOTTED = re.compile(rf"(?:{'|'.join(APPS)})(?:\.\w+)+")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def codes(page: Path) -> list[str]:
    return CODE.findall(FENCE.sub("", page.read_text(encoding="utf-8")))


def named_paths() -> Iterator[tuple[str, str, str]]:
    for page in PAGES:
        for code in codes(page):
            if found := PATH.fullmatch(code):
                yield page.name, found[1], found[2] or ""


def named_modules() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for code in codes(page):
            if DOTTED.fullmatch(code):
                yield page.name, code


@cache
def names_in(file: Path) -> set[str]:
    """What a Python file defines or imports at its top, and its classes with their members."""
    found: set[str] = set()

    def collect(body: list[ast.stmt], prefix: str) -> None:
        for node in body:
            match node:
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    found.add(prefix + node.name)
                case ast.ClassDef():
                    found.add(prefix + node.name)
                    collect(node.body, f"{prefix}{node.name}.")
                case ast.Assign():
                    found.update(prefix + t.id for t in node.targets if isinstance(t, ast.Name))
                case ast.AnnAssign(target=ast.Name(id=name)):
                    found.add(prefix + name)
                case ast.ImportFrom() | ast.Import():
                    found.update(prefix + (one.asname or one.name) for one in node.names)

    collect(ast.parse(file.read_text(encoding="utf-8")).body, "")
    return found


def is_defined(name: str, file: Path) -> bool:
    if file.suffix == ".py":
        return name in names_in(file)
    return re.search(rf"\b{re.escape(name)}\b", file.read_text(encoding="utf-8")) is not None


def matches(path: str) -> list[Path]:
    pattern = CAPITALS.sub("*", path) if not (ROOT / path).exists() else path
    return sorted(ROOT.glob(pattern.rstrip("/")))


def is_importable(dotted: str) -> bool:
    """Whether there is such a module, or a module that defines such a name."""
    parts = dotted.split(".")
    for count in range(len(parts), 0, -1):
        base = ROOT.joinpath(*parts[:count])
        rest = ".".join(parts[count:])
        for file in (base.with_suffix(".py"), base / "__init__.py"):
            if file.is_file():
                return not rest or rest in names_in(file)
        if base.is_dir():
            return not rest
    return False


def slug(heading: str) -> str:
    """The anchor that GitHub makes of a heading."""
    text = re.sub(r"[`*_]|\[|\]\([^)]*\)", "", heading.strip().lower())
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def test_every_path_exists() -> None:
    wrong = [(page, path) for page, path, _ in named_paths() if not matches(path)]
    assert wrong == []


def test_every_name_is_in_its_file() -> None:
    wrong = [
        (page, path, name)
        for page, path, name in named_paths()
        if name and not any(is_defined(name, file) for file in matches(path))
    ]
    assert wrong == []


def test_every_module_can_be_imported() -> None:
    assert [named for named in named_modules() if not is_importable(named[1])] == []


def test_every_command_of_manage_py_exists() -> None:
    known = {*get_commands(), "help"}
    wrong = [
        (page.name, command)
        for page in PAGES
        for command in re.findall(r"manage\.py ([a-z]\w*)", page.read_text(encoding="utf-8"))
        if command not in known
    ]
    assert wrong == []


def test_every_chore_exists() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    known = settings["tool"]["poe"]["tasks"]
    wrong = [
        (page.name, chore)
        for page in PAGES
        for chore in re.findall(r"\bpoe ([a-z][\w-]*)", page.read_text(encoding="utf-8"))
        if chore not in known
    ]
    assert wrong == []


def test_every_link_leads_somewhere() -> None:
    wrong = []
    for page in PAGES:
        for target in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
            if re.match(r"[a-z]+:", target):
                continue
            name, _, anchor = target.partition("#")
            file = (page.parent / name).resolve() if name else page
            if not file.exists() or (anchor and anchor not in anchors(file)):
                wrong.append((page.name, target))
    assert wrong == []


@cache
def anchors(page: Path) -> set[str]:
    return {slug(text) for text in HEADING.findall(FENCE.sub("", page.read_text("utf-8")))}


@pytest.mark.parametrize(
    ("code", "good"),
    [
        ("vibe/env.py", True),
        ("vibe/env.py:text", True),
        ("vibe/env.py:InNoFile", False),
        ("sandboxes/node/supervision/loop.py:Loop.ask", True),
        ("sandboxes/node/supervision/loop.py:Loop.cook", False),
        ("vibe/no_such_file.py", False),
        ("vibe/management/commands/NAME.py", True),
        ("static/js/log-rows.js:row", True),
        ("static/js/log-rows.js:column", False),
    ],
)
def test_the_rule_for_paths_tells_right_from_wrong(code: str, good: bool) -> None:
    found = PATH.fullmatch(code)
    assert found is not None
    files = matches(found[1])
    assert good is any(not found[2] or is_defined(found[2], file) for file in files)


@pytest.mark.parametrize(
    ("code", "good"),
    [
        ("sandboxes.node.reconcile", True),
        ("sandboxes.jobs.run_command", True),
        ("sandboxes.jobs.walk_command", False),
        ("vibe.streams", True),
        ("vibe.nothing", False),
    ],
)
def test_the_rule_for_modules_tells_right_from_wrong(code: str, good: bool) -> None:
    assert DOTTED.fullmatch(code)
    assert is_importable(code) is good


def test_a_heading_becomes_the_anchor_that_github_makes_of_it() -> None:
    assert slug("Where is …?") == "where-is-"
    assert slug("`up` and *Ctrl-C*") == "up-and-ctrl-c"
