from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest
from django.conf import settings

from tests.fixtures.shield import documented
from vibe.env import REGISTRY

PAGE = Path(settings.BASE_DIR) / "docs" / "settings.md"
# Read by the bootstrap, before there is anything that could register it.
READ_EARLY = {"VIBE_BOOTSTRAP"}
# Read by the command-line client, which may run where no server is.
READ_BY_CLIENT = {
    "VIBE_API_URL",
    "VIBE_API_KEY",
    "VIBE_VERCEL_URL",
    "VIBE_VERCEL_PREVIEW",
    "VIBE_VERCEL_TOKEN",
}
READ_ELSEWHERE = READ_EARLY | READ_BY_CLIENT
NAME = re.compile(r"""["'](VIBE_[A-Z_]+)["']""")


def sources() -> list[Path]:
    found = [Path(settings.BASE_DIR) / "manage.py"]
    for app in ("vibe", "sandboxes", "chat"):
        found += (Path(settings.BASE_DIR) / app).rglob("*.py")
    return found


@pytest.fixture(scope="module")
def registered() -> set[str]:
    """Every setting; some are registered by the module that uses them."""
    for source in sources():
        if re.search(r"\benv\.(text|flag|integer|secret|listing|path)\(", source.read_text()):
            relative = source.relative_to(settings.BASE_DIR).with_suffix("")
            importlib.import_module(".".join(relative.parts).removesuffix(".__init__"))
    return set(REGISTRY)


def test_every_setting_is_documented(registered: set[str]) -> None:
    assert registered - documented() == set()


def test_the_page_lists_no_setting_that_does_not_exist(registered: set[str]) -> None:
    assert documented() - registered == READ_ELSEWHERE


def test_no_variable_is_read_past_the_registry(registered: set[str]) -> None:
    mentioned = {name for source in sources() for name in NAME.findall(source.read_text())}
    assert mentioned - registered == READ_ELSEWHERE


def test_the_page_gives_the_defaults_that_hold(registered: set[str]) -> None:
    rows = dict(
        re.findall(r"^\| `([A-Z_]+)` \| `([^`]*)` \|", PAGE.read_text("utf-8"), re.MULTILINE)
    )
    wrong = {
        name: (shown, REGISTRY[name].default)
        for name, shown in rows.items()
        if name in REGISTRY and REGISTRY[name].default and REGISTRY[name].default != shown
    }
    assert wrong == {}
