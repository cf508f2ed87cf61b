"""A picture of a page is taken by the platform's browser; without one the answer says so."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from sandboxes.models import PagePicture, PageVisit
from tests.fixtures.people import client_of
from tests.fixtures.rows import make_sandbox
from vibe.accounts.models import User

pytestmark = pytest.mark.django_db


def test_without_a_browser_the_answer_says_what_to_do(alice: User, settings: Any) -> None:
    settings.BROWSERS = 0
    sandbox = make_sandbox(alice)

    answer = client_of(alice).post(
        f"/api/v1/sandboxes/{sandbox.pk}/pictures", {"port": 3000}, content_type="application/json"
    )

    assert answer.status_code == 503
    assert answer.json()["error"]["hint"] == "Set VIBE_BROWSERS to 1 or more."


def test_a_picture_is_its_owners_alone(alice: User, bob: User) -> None:
    visit = PageVisit.objects.create(sandbox=make_sandbox(alice), port=3000, node="a", seconds=9)
    PagePicture.objects.create(visit=visit, name="crop", data=b"\xff\xd8")

    def status(client: Client) -> int:
        return client.get(f"/api/v1/pictures/{visit.pk}/crop").status_code

    assert (status(client_of(alice)), status(client_of(bob))) == (200, 404)
