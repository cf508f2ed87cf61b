"""Checks as programs see them."""

from __future__ import annotations

import pytest

from chat.models import Check, Turn
from sandboxes.models import PagePicture, PageVisit


@pytest.fixture
def made(owner):
    from chat.services import conversations
    from sandboxes.models import Sandbox

    conversation = conversations.create(owner, model="demo")
    turn = Turn.objects.create(conversation=conversation, model="demo", status="completed")
    box = Sandbox.objects.create(owner=owner, number=1)
    visit = PageVisit.objects.create(sandbox=box, node="n", port=3000, seconds=1, status="done")
    PagePicture.objects.create(visit=visit, name="page", data=b"\xff\xd8picture")
    return Check.objects.create(
        turn=turn, status="failed", reason="Button “Add”: No reaction.", visit=visit, port=3000
    )


def test_a_program_reads_the_check_of_its_turn_and_a_picture(made, owner, client):
    client.force_login(owner)
    told = client.get(f"/api/v1/turns/{made.turn_id}").json()["check"]
    assert (told["id"], told["status"], told["reason"]) == (made.pk, "failed", made.reason)
    picture = client.get(told["pictures"]["after"])
    assert (picture.status_code, picture.content) == (200, b"\xff\xd8picture")
    assert client.get(f"/api/v1/checks/{made.pk}").json() == told


def test_a_strangers_check_is_not_there(made, client, django_user_model):
    client.force_login(django_user_model.objects.create_user("mallory"))
    for path in (f"checks/{made.pk}", f"checks/{made.pk}/pictures/after"):
        assert client.get(f"/api/v1/{path}").status_code == 404
