"""What a page promises to list is listed in full."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
DECISIONS = sorted((ROOT / "docs/decisions").glob("[0-9]*.md"))
STARTS_THREADS = re.compile(r"\b(?:ThreadPoolExecutor|threading\.Thread|threading\.Timer)\(")


def section(name: str) -> str:
    return ARCHITECTURE.partition(f"\n## {name}\n")[2].partition("\n## ")[0]


def test_every_thread_of_the_platform_is_in_the_table() -> None:
    table = section("Threads and event loops")
    missing = []
    for app in ("vibe", "sandboxes", "chat"):
        for file in (ROOT / app).rglob("*.py"):
            name = file.relative_to(ROOT).as_posix()
            # The client is a program of its own; a browser is opened once.
            if name.startswith("vibe/client/") or name == "vibe/up/browser.py":
                continue
            if STARTS_THREADS.search(file.read_text("utf-8")) and f"`{name}`" not in table:
                missing.append(name)
    assert missing == []


def test_every_kind_of_key_is_in_the_table() -> None:
    from chat.services import events as chat
    from sandboxes.news import events as sandboxes

    made = [
        function("X")
        for module in (chat, sandboxes)
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if name.endswith("_key")
    ]
    assert len(made) >= 7
    table = section("Keys in Redis")
    assert [key for key in made if f"| `{key.removesuffix('X')}" not in table] == []


def test_every_room_of_the_sandboxes_and_of_the_chat_is_described() -> None:
    house = section("The house")
    missing = []
    for app in ("sandboxes", "chat"):
        for room in (ROOT / app).iterdir():
            name = f"{app}/{room.name}"
            if room.is_dir() and room.name not in ("migrations", "__pycache__"):
                missing += [name] if f"`{name}`" not in house else []
    assert missing == []


def test_every_page_is_in_the_index() -> None:
    index = (ROOT / "docs/README.md").read_text(encoding="utf-8")
    pages = {file.name for file in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert [name for name in sorted(pages) if f"]({name})" not in index] == []


def test_decisions_are_numbered_without_a_gap_and_all_in_the_index() -> None:
    numbers = [int(file.name.partition("-")[0]) for file in DECISIONS]
    assert numbers == list(range(1, len(DECISIONS) + 1))
    index = (ROOT / "docs/decisions/README.md").read_text(encoding="utf-8")
    assert [file.name for file in DECISIONS if f"]({file.name})" not in index] == []


@pytest.mark.parametrize("file", DECISIONS, ids=lambda file: file.stem)
def test_a_decision_says_why_what_and_what_follows(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert re.match(rf"# {file.name[:3]} \S", text)
    places = [text.find(f"\n**{word}.** ") for word in ("Context", "Decision", "Consequences")]
    assert -1 not in places and places == sorted(places)
    assert len(text.splitlines()) <= 24
