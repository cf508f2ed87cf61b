"""One rule says how a command stands at a glance, for lists, cards and logs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

from sandboxes.models import Command


@pytest.mark.parametrize(
    ("fields", "tone"),
    [
        ({"status": "queued"}, "running"),
        ({"status": "running"}, "running"),
        ({"status": "finished", "cause": "exited", "exit_code": 0}, "success"),
        ({"status": "finished", "cause": "exited", "exit_code": 1}, "danger"),
        ({"status": "finished", "cause": "killed"}, "quiet"),
        ({"status": "finished", "cause": "sandbox_stopped"}, "quiet"),
        ({"status": "finished", "cause": "out_of_memory"}, "danger"),
    ],
)
def test_the_tone_follows_from_how_it_ended(fields: dict[str, object], tone: str) -> None:
    assert Command(executable="true", **fields).tone == tone


def test_every_tone_has_a_colour() -> None:
    sheet = (Path(settings.BASE_DIR) / "static/css/controls.css").read_text()
    known = set(re.findall(r'\[data-tone="(\w+)"\]', sheet))
    assert {"running", "success", "quiet", "danger"} <= known
