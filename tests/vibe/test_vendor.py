"""What is vendored is what its VENDOR file says."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
VENDORED = sorted((ROOT / "static").rglob("VENDOR"))


@pytest.mark.parametrize("file", VENDORED, ids=lambda file: file.parent.name)
def test_every_vendored_file_has_the_digest_that_is_written_down(file: Path) -> None:
    digests = re.findall(r"^ +([0-9a-f]{64}) +(\S+)$", file.read_text(), re.MULTILINE)
    assert digests
    for digest, name in digests:
        assert hashlib.sha256((file.parent / name).read_bytes()).hexdigest() == digest, name


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    sprite = (ROOT / "static/icons/sprite.svg").read_text()
    known = set(re.findall(r'symbol id="([^"]+)"', sprite))
    for template in (ROOT / "templates").rglob("*.html"):
        named = set(re.findall(r'{% icon "([a-z0-9-]+)"', template.read_text()))
        assert named <= known, template
