"""Messages to webhooks: signed, tried again, written down, given up."""

from __future__ import annotations

import hmac
import json
from base64 import b64decode, b64encode
from datetime import timedelta
from hashlib import sha256
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from vibe.accounts.models import User
from vibe.webhooks.models import Webhook, WebhookDelivery
from vibe.webhooks.services import announcing, deliveries, endpoints


def message(user: User, event: str = "command.finished") -> WebhookDelivery:
    announcing.announce(user.pk, event, {"id": "cmd_1"})
    return WebhookDelivery.objects.latest("created_at")


def test_a_message_arrives_with_a_signature_that_holds(alice, hook, receiver, deliver) -> None:
    made = message(alice)
    deliver(made)
    ((headers, body),) = receiver.got
    assert json.loads(body)["type"] == "command.finished"
    assert json.loads(body)["data"] == {"id": "cmd_1"}
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = b64decode(hook.secret.removeprefix("whsec_"))
    expected = b64encode(hmac.new(key, signed, sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    made.refresh_from_db()
    assert (made.status, made.response_status, made.attempts) == ("delivered", 204, 1)


def test_a_refused_message_is_tried_again_later(alice, hook, receiver, deliver) -> None:
    receiver.status = 500
    made = message(alice)
    deliver(made)
    assert deliveries.claim(alice.pk) is None  # not due yet
    assert len(receiver.got) == 1
    made.refresh_from_db()
    assert (made.status, made.error) == ("pending", "It answered 500.")
    receiver.status = 200
    WebhookDelivery.objects.update(next_at=timezone.now(), error="")
    deliver(made)
    made.refresh_from_db()
    assert (made.status, made.attempts) == ("delivered", 2)


def test_a_redirect_counts_as_a_failure(alice, hook, receiver, deliver) -> None:
    receiver.status = 302
    made = message(alice)
    deliver(made)
    made.refresh_from_db()
    assert made.error == "It answered 302."


def test_after_the_last_attempt_a_message_is_given_up(alice, hook, receiver, deliver) -> None:
    receiver.status = 500
    made = message(alice)
    for _ in range(len(deliveries.RETRIES) + 1):
        WebhookDelivery.objects.update(next_at=timezone.now(), error="")
        deliver(made)
    made.refresh_from_db()
    assert made.status == "failed"
    hook.refresh_from_db()
    assert hook.failing_since is not None
    assert hook.disabled_at is None


def test_an_address_that_fails_for_days_is_switched_off_until_it_is_enabled(
    alice, hook, receiver, deliver
) -> None:
    receiver.status = 500
    made = message(alice)
    WebhookDelivery.objects.update(attempts=len(deliveries.RETRIES))
    long_ago = timezone.now() - deliveries.GIVE_UP_AFTER - timedelta(hours=1)
    Webhook.objects.update(failing_since=long_ago)
    deliver(made)
    hook.refresh_from_db()
    assert hook.disabled_at is not None
    announcing.announce(alice.pk, "command.finished", {})
    assert WebhookDelivery.objects.count() == 1
    endpoints.enable(hook)
    assert message(alice).pk != made.pk


def test_only_the_events_that_were_chosen_are_sent(alice, hook) -> None:
    Webhook.objects.update(events=["turn.failed"])
    announcing.announce(alice.pk, "command.finished", {})
    assert not WebhookDelivery.objects.exists()
    assert message(alice, "turn.failed").event == "turn.failed"


def test_nobody_else_hears_of_it(alice, hook) -> None:
    bob = User.objects.create_user("bob")
    announcing.announce(bob.pk, "command.finished", {})
    assert not WebhookDelivery.objects.exists()


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "2130706433", "169.254.169.254", "[::ffff:10.0.0.1]",
     "168.63.129.16", "192.0.0.192", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[::127.0.0.1]",
     "[fd00:ec2::254]"],
)  # fmt: skip
def test_a_private_address_is_never_reached(alice, settings, host: str, deliver) -> None:
    settings.WEBHOOK_PRIVATE = False
    endpoints.create(alice, f"http://{host}:9/hook")
    made = message(alice)
    deliver(made)
    made.refresh_from_db()
    assert "no webhook may reach" in made.error


def test_an_unreachable_address_is_told_in_the_log(alice, settings, deliver) -> None:
    settings.WEBHOOK_PRIVATE = True
    endpoints.create(alice, "http://127.0.0.1:9/hook")
    made = message(alice)
    deliver(made)
    made.refresh_from_db()
    assert made.error
    assert made.response_status is None


def test_due_attempts_are_asked_for_and_old_messages_forgotten(alice, hook, receiver) -> None:
    old = message(alice)
    WebhookDelivery.objects.filter(pk=old.pk).update(
        created_at=timezone.now() - deliveries.KEPT - timedelta(days=1), status="failed"
    )
    due = message(alice)
    deliveries.forget_old()
    assert deliveries.owners_waiting() == [alice.pk]
    assert [row.pk for row in WebhookDelivery.objects.all()] == [due.pk]


def test_a_webhook_that_is_removed_meanwhile_fails_nothing(
    alice: User, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when its owner removes it between the look for webhooks and the message to them."""
    atomic = announcing.transaction.atomic

    def removed_first() -> Any:
        Webhook.objects.all().delete()
        return atomic()

    monkeypatch.setattr(announcing, "transaction", SimpleNamespace(atomic=removed_first))
    announcing.announce(alice.pk, "turn.completed", {})
    assert not WebhookDelivery.objects.exists()


def test_of_each_user_only_the_newest_messages_are_kept(alice, bob):
    from vibe.webhooks.models import Webhook, WebhookDelivery

    ours, theirs = (Webhook.objects.create(owner=one, url="http://x") for one in (alice, bob))
    made = [
        WebhookDelivery.objects.create(webhook=hook, event="e", payload={}, status="delivered")
        for hook in (ours, ours, ours, theirs)
    ]
    assert deliveries.forget_beyond(2) == 1
    assert not WebhookDelivery.objects.filter(pk=made[0].pk).exists()
    assert deliveries.forget_beyond(0) == 0


@pytest.fixture
def dead(alice: User, settings) -> Webhook:
    """Takes nothing, like `other`; four messages of hers may wait, two for one of them."""
    settings.WEBHOOK_MESSAGES_PER_USER = 4
    return endpoints.create(alice, "https://dead.example/hook")


def waiting(webhook: Webhook) -> list[int]:
    rows = WebhookDelivery.objects.filter(webhook=webhook, status="pending").order_by("created_at")
    return [row.payload["data"]["n"] for row in rows]


def test_too_many_messages_drop_the_newest_and_say_so_once(alice, dead) -> None:
    said = [announcing.announce(alice.pk, "command.finished", {"n": n}) for n in range(5)]
    assert waiting(dead) == [0, 1]
    assert said[:2] == ["", ""]
    assert "dead.example" in said[2]
    assert "dropped" in said[2]
    assert said[3:] == ["", ""]
    dead.refresh_from_db()
    assert dead.dropped == 3
    assert dead.dropping_since is not None


def test_one_webhook_that_takes_nothing_leaves_room_to_the_others(alice, dead) -> None:
    for n in range(3):
        announcing.announce(alice.pk, "command.finished", {"n": n})
    other = endpoints.create(alice, "https://other.example/hook")
    announcing.announce(alice.pk, "command.finished", {"n": 3})
    assert waiting(other) == [3]
    assert waiting(dead) == [0, 1]


def test_that_messages_are_dropped_is_said_again_after_a_time_of_calm(alice, dead) -> None:
    def tell() -> str:
        return announcing.announce(alice.pk, "command.finished", {"n": 0})

    assert [bool(tell()) for _ in range(3)] == [False, False, True]
    WebhookDelivery.objects.update(status="delivered")
    assert [bool(tell()) for _ in range(3)] == [False, False, True]


def test_messages_that_wait_are_not_forgotten_for_their_number(alice, dead) -> None:
    announcing.announce(alice.pk, "command.finished", {"n": 1})
    announcing.announce(alice.pk, "command.finished", {"n": 2})
    WebhookDelivery.objects.filter(payload__data__n=1).update(status="delivered")
    assert deliveries.forget_beyond(1) == 0
    WebhookDelivery.objects.create(webhook=dead, event="x", payload={}, status="failed")
    assert deliveries.forget_beyond(1) == 1
    assert waiting(dead) == [2]
