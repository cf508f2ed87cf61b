"""Templates take addresses from their names, and one can read them and their sheets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR) / "templates"
TEMPLATES = sorted(ROOT.rglob("*.html"))
SHEETS = sorted((Path(settings.BASE_DIR) / "static/css").glob("*.css"))
# A field's value is what one types, not where a request goes.
ADDRESS = re.compile(r"""(?<! value)=["'](/[^"']*)""")
# Written out, and why.
WRITTEN_OUT = {"/ws/": "Channels cannot make the address of a socket from its name."}
LONGEST_LINE = 140
LONGEST_RULE = 120


def too_long(file: Path, most: int) -> list[int]:
    """Numbers of the lines that are."""
    return [at for at, line in enumerate(file.read_text().splitlines(), 1) if len(line) > most]


def name_of(template: Path) -> str:
    return str(template.relative_to(ROOT))


@pytest.mark.parametrize("template", TEMPLATES, ids=name_of)
def test_no_address_of_ours_is_written_out(template: Path) -> None:
    found = ADDRESS.findall(template.read_text())
    assert [address for address in found if not address.startswith(tuple(WRITTEN_OUT))] == []


@pytest.mark.parametrize("template", TEMPLATES, ids=name_of)
def test_no_line_is_too_long_to_read(template: Path) -> None:
    assert too_long(template, LONGEST_LINE) == []


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.stem)
def test_no_rule_of_a_sheet_is_too_long_to_read(sheet: Path) -> None:
    assert too_long(sheet, LONGEST_RULE) == []


def test_what_is_allowed_is_still_needed() -> None:
    text = "".join(template.read_text() for template in TEMPLATES)
    assert all(f'="{address}' in text for address in WRITTEN_OUT)
