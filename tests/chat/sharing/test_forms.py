"""What is a secret by its form or by its name, and what stays to be read."""

from __future__ import annotations

import time

import pytest

from chat.services.sharing import forms, withheld
from vibe import redaction


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other tests have given this process secrets, whose values are words."""
    monkeypatch.setattr(redaction, "_kept_out", {})


@pytest.mark.parametrize(
    "code",
    [
        "const token = await tokenFor(request.headers);",
        "password = form.cleaned_data.get('password')",
        "import { react } from 'react@18.2.0'",
        "def with_secret(self, secret: str) -> None:",
        "git commit -m 'Add the key to the map'",
    ],
)
def test_code_stays_readable(code: str) -> None:
    assert forms.without_secrets(code) == code


def test_what_is_not_looked_through_in_time_is_left_out() -> None:
    hostile = "\n".join(["eyJ-" * 499] * 1_000)
    began = time.monotonic()
    shown = forms.without_secrets(hostile, began + 0.2)
    assert time.monotonic() - began < 5
    assert shown.splitlines()[-1] == "…"


@pytest.mark.parametrize(
    ("path", "why"),
    [
        (".env", "secret"),
        ("api/.env.local", "secret"),
        (".env.example", ""),
        ("certs/server.key", "secret"),
        (".ssh/config", "secret"),
        ("google-credentials.json", "secret"),
        ("src/secrets.py", ""),
        ("src/keyboard.js", ""),
        ("data/app.sqlite3-wal", "data"),
        ("docs/AGENTS.md", "memory"),
        (".claude/skills/deploy/SKILL.md", "memory"),
        ("index.html", ""),
    ],
)
def test_files_are_withheld_by_what_they_are_for(path: str, why: str) -> None:
    assert withheld.why(path) == why
