"""Checks as programs see them."""

from __future__ import annotations

import pytest

from chat.models import Check
from sandboxes.models import PagePicture, PageVisit
from tests.fixtures.rows import make_conversation, make_sandbox, make_turn


@pytest.fixture
def made(alice):
    turn = make_turn(make_conversation(alice))
    box = make_sandbox(alice)
    visit = PageVisit.objects.create(sandbox=box, node="n", port=3000, seconds=1, status="done")
    PagePicture.objects.create(visit=visit, name="page", data=b"\xff\xd8picture")
    return Check.objects.create(
        turn=turn, status="failed", reason="Button “Add”: No reaction.", visit=visit, port=3000
    )


def test_a_program_reads_the_check_of_its_turn_and_a_picture(made, as_alice):
    told = as_alice.get(f"/api/v1/turns/{made.turn_id}").json()["check"]
    assert (told["id"], told["status"], told["reason"]) == (made.pk, "failed", made.reason)
    picture = as_alice.get(told["pictures"]["after"])
    assert (picture.status_code, picture.content) == (200, b"\xff\xd8picture")
    assert as_alice.get(f"/api/v1/checks/{made.pk}").json() == told


def test_a_strangers_check_is_not_there(made, as_bob):
    for path in (f"checks/{made.pk}", f"checks/{made.pk}/pictures/after"):
        assert as_bob.get(f"/api/v1/{path}").status_code == 404
