"""Templates take addresses from their names, and one can read them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR) / "templates"
TEMPLATES = sorted(ROOT.rglob("*.html"))
# A field's value is what one types, not where a request goes.
ADDRESS = re.compile(r"""(?<! value)=["'](/[^"']*)""")
# Written out, and why.
WRITTEN_OUT = {"/ws/": "Channels cannot make the address of a socket from its name."}
LONGEST_LINE = 140


def name_of(template: Path) -> str:
    return str(template.relative_to(ROOT))


@pytest.mark.parametrize("template", TEMPLATES, ids=name_of)
def test_no_address_of_ours_is_written_out(template: Path) -> None:
    found = ADDRESS.findall(template.read_text())
    assert [address for address in found if not address.startswith(tuple(WRITTEN_OUT))] == []


@pytest.mark.parametrize("template", TEMPLATES, ids=name_of)
def test_no_line_is_too_long_to_read(template: Path) -> None:
    lines = enumerate(template.read_text().splitlines(), 1)
    assert [number for number, line in lines if len(line) > LONGEST_LINE] == []


def test_what_is_allowed_is_still_needed() -> None:
    text = "".join(template.read_text() for template in TEMPLATES)
    assert all(f'="{address}' in text for address in WRITTEN_OUT)
