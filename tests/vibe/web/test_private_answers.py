"""What is answered is kept by nobody, and a page may talk to its own server alone."""

from __future__ import annotations

import logging
import re

import pytest
from django.test import Client

from tests.fixtures.people import client_of
from vibe.accounts.models import User


def directive(page: object, name: str) -> str:
    found = re.search(rf"{name} ([^;]*)", page["Content-Security-Policy"])
    assert found
    return found[1]


@pytest.mark.parametrize("path", ["/", "/new/", "/settings/", "/sign-in/", "/admin/", "/none/"])
def test_pages_are_private(client: Client, alice: User, path: str) -> None:
    client.force_login(alice)
    assert {"private", "no-store"} <= set(client.get(path)["Cache-Control"].split(", "))


@pytest.mark.parametrize("path", ["me", "models", "sandboxes", "keys", "nothing"])
def test_answers_of_the_api_are_private(alice: User, path: str) -> None:
    answer = client_of(alice).get(f"/api/v1/{path}")
    assert answer["Cache-Control"] == "private, no-store"


def test_answers_to_strangers_are_private(db: None) -> None:
    assert Client().get("/api/v1/me")["Cache-Control"] == "private, no-store"


def test_files_of_the_pages_may_be_kept(client: Client) -> None:
    answer = client.get("/static/js/live.js")
    assert answer.status_code == 200 and "no-store" not in answer["Cache-Control"]


def test_sockets_go_to_the_server_of_the_page_alone(client: Client, db: None) -> None:
    page = client.get("/sign-in/", headers={"host": "127.0.0.1:8001"})
    assert directive(page, "connect-src") == "'self' ws://127.0.0.1:8001"


def test_encrypted_pages_open_encrypted_sockets(client: Client, db: None) -> None:
    page = client.get("/sign-in/", headers={"host": "localhost"}, secure=True)
    assert directive(page, "connect-src") == "'self' wss://localhost"


WRONG = ["evil.example", "127.0.0.1.evil.example", "a b", "[::", "x" * 900]


@pytest.mark.parametrize("host", WRONG)
def test_a_wrong_host_is_a_sentence(
    client: Client, caplog: pytest.LogCaptureFixture, host: str
) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = client.get("/sign-in/", headers={"host": host})
    assert answer.status_code == 400
    assert "VIBE_ALLOWED_HOSTS" in answer.content.decode()
    told = [record for record in caplog.records if record.name.startswith("django.security")]
    assert len(told) == 1 and told[0].exc_info is None and len(told[0].getMessage()) < 250
