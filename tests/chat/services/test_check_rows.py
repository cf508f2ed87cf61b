"""The rows of checks: who may end them, what a lost one becomes, what programs and models hear."""

from __future__ import annotations

import pytest

from chat.checking.verdict import verdict
from chat.models import Check, Turn
from chat.services.checking import checks
from vibe.refusal import Refusal
from vibe.webhooks.models import WebhookDelivery
from vibe.webhooks.services import endpoints


@pytest.fixture
def turn(conversation):
    return Turn.objects.create(conversation=conversation, model="demo", status="completed")


def test_a_check_whose_worker_is_gone_ends_unchecked_with_the_reason(turn, redis):
    lost = Check.objects.create(turn=turn, status="running", worker="nowhere")
    Check.objects.filter(pk=lost.pk).update(worker="")
    assert checks.settle_lost() == 1
    found = checks.latest(turn)
    assert (found.status, found.reason) == ("unchecked", checks.RESTARTED)
    assert checks.settle(lost.pk, "checked", "too late") is False


def test_webhooks_and_the_next_turn_hear_what_failed(turn, conversation, owner, redis):
    endpoints.create(owner, "https://example.org/hook", ["check.ended"])
    made = Check.objects.create(turn=turn, status="running")
    step = {"what": "Button “Add”", "outcome": "failed", "detail": "No reaction.", "seconds": 1}
    checks.settle(made.pk, "failed", "Button “Add”: No reaction.", steps=[step])
    sent = WebhookDelivery.objects.get().payload
    assert (sent["type"], sent["data"]["status"]) == ("check.ended", "failed")
    following = Turn.objects.create(conversation=conversation, model="demo", status="completed")
    assert "- Button “Add”: No reaction." in checks.note_for(following)


def test_a_planned_check_is_nobodys_answer_yet(turn, owner):
    planned = checks.plan(turn, [{"do": "click", "target": "Add", "text": ""}])
    assert checks.latest(turn) is None
    with pytest.raises(Refusal) as refusal:
        checks.get_for(owner, planned.pk)
    assert refusal.value.code == "not_found"


@pytest.mark.parametrize(
    ("outcomes", "lacks", "word"),
    [
        (["ok"], "", "checked"),
        (["ok", "note"], "", "checked"),
        (["note"], "", "unchecked"),
        ([], "", "unchecked"),
        (["ok", "unsure"], "", "unchecked"),
        (["ok"], "There is no Chromium.", "unchecked"),
        (["ok", "failed"], "There is no Chromium.", "failed"),
    ],
)
def test_only_what_is_known_and_good_counts_as_checked(outcomes, lacks, word):
    steps = [{"what": "It", "outcome": one, "detail": ""} for one in outcomes]
    assert verdict(steps, lacks).status == word
