"""Every page says so when commands are not isolated, and an administrator may agree to it."""

from __future__ import annotations

import pytest
from django.test import Client

from sandboxes.engine import Level
from sandboxes.host import isolation
from sandboxes.models import IsolationConsent
from vibe.accounts.models import User

PAGES = ("/new/", "/sandboxes/", "/settings/", "/no-such-page/")


@pytest.fixture
def unisolated(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which the self-test of the engine fails."""
    monkeypatch.setattr(
        isolation, "probe", lambda: (Level.NONE, "No user namespaces.", "Enable them.")
    )


@pytest.fixture
def administrator(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    return client


@pytest.mark.parametrize("path", PAGES)
def test_every_page_says_that_isolation_is_off(page: Client, unisolated: None, path: str) -> None:
    body = page.get(path).content.decode()
    assert "No user namespaces." in body
    assert "Enable them." in body


@pytest.mark.parametrize("path", PAGES[:2])
def test_with_full_isolation_there_is_no_banner(
    page: Client, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(isolation, "probe", lambda: (Level.FULL, "", ""))
    assert 'aria-label="Isolation"' not in page.get(path).content.decode()


def test_only_an_administrator_is_asked_to_agree(
    page: Client, administrator: Client, unisolated: None
) -> None:
    assert "I understand" not in page.get("/new/").content.decode()
    assert "I understand" in administrator.get("/new/").content.decode()


def test_the_agreement_is_kept_and_the_banner_stays(
    administrator: Client, unisolated: None
) -> None:
    administrator.post("/isolation/consent/")
    assert IsolationConsent.objects.count() == 1
    body = administrator.get("/new/").content.decode()
    assert "without isolation" in body
    assert "I understand" not in body


def test_nobody_else_can_agree(page: Client, unisolated: None) -> None:
    page.post("/isolation/consent/")
    assert not IsolationConsent.objects.exists()
