"""Slow, silent and hostile receivers take their owner's places, and nobody else's time."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.fixtures.waiting import until
from tests.vibe.webhooks.receivers import Hole, Receiver
from vibe.accounts.models import User
from vibe.jobs.queue import queue
from vibe.jobs.run import is_handed_over
from vibe.webhooks import courier as module
from vibe.webhooks import jobs, sending
from vibe.webhooks.courier import MOST_OF_OWNER, MOST_OF_WEBHOOK, Courier
from vibe.webhooks.models import Webhook, WebhookDelivery
from vibe.webhooks.services import announcing, deliveries, endpoints

COMMANDS, WEBHOOKS = 20, 20


@pytest.fixture
def hole() -> Iterator[Hole]:
    found = Hole()
    yield found
    found.close()


@pytest.fixture
def mallory(alice: User, settings) -> User:
    settings.WEBHOOK_PRIVATE = True
    return User.objects.create_user("mallory")


def statuses(user: User) -> list[str]:
    rows = WebhookDelivery.objects.filter(webhook__owner=user)
    return list(rows.values_list("status", flat=True))


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_a_user_whose_receivers_never_answer_holds_few_places_and_delays_nobody(
    mallory: User, alice: User, hook: Webhook, hole: Hole, courier: Courier
) -> None:
    for _ in range(WEBHOOKS):
        endpoints.create(mallory, hole.url)
    threads, files = threading.active_count(), descriptors()
    for number in range(COMMANDS):
        announcing.announce(mallory.pk, "command.finished", {"id": str(number)})
    courier.wake(mallory.pk)
    until(lambda: len(hole.open) == MOST_OF_OWNER)

    began = time.monotonic()
    announcing.announce(alice.pk, "command.finished", {"id": "hers"})
    courier.wake(alice.pk)
    until(lambda: statuses(alice) == ["delivered"])
    assert time.monotonic() - began < module.ATTEMPT_SECONDS / 2

    assert threading.active_count() - threads <= 4
    assert descriptors() - files <= 2 * MOST_OF_OWNER + 12  # both ends are in this process
    assert hole.most == MOST_OF_OWNER
    assert statuses(mallory) == ["pending"] * (COMMANDS * WEBHOOKS)  # none of them is lost


@pytest.mark.parametrize(
    "drip", [b"", b"HTTP/1.1 100 Continue\r\n\r\n", b"x", b"HTTP/1.1 200 OK\r\nX: y\r\nX"]
)
def test_an_attempt_ends_in_time_however_the_receiver_drips(
    mallory: User, courier: Courier, monkeypatch: pytest.MonkeyPatch, drip: bytes
) -> None:
    monkeypatch.setattr(module, "ATTEMPT_SECONDS", 0.5)
    hole = Hole(drip)
    endpoints.create(mallory, hole.url)
    announcing.announce(mallory.pk, "command.finished", {})
    began = time.monotonic()
    courier.wake(mallory.pk)
    made = WebhookDelivery.objects.get()

    def told() -> str:
        made.refresh_from_db()
        return made.error

    until(told)
    assert time.monotonic() - began < 5
    assert (made.status, made.attempts, made.response_status) == ("pending", 1, None)
    assert made.next_at > timezone.now()  # tried again, as documented
    until(lambda: not hole.open)
    hole.close()


def test_a_look_up_that_hangs_holds_a_place_of_its_owner_and_of_nobody_else(
    mallory: User, alice: User, hook: Webhook, courier: Courier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ATTEMPT_SECONDS", 0.1)
    answered, asked = threading.Event(), []

    def hangs(host: str, *_: object, **__: object) -> list[object]:
        asked.append(host)
        answered.wait()
        raise OSError("unknown")

    monkeypatch.setattr(module.socket, "getaddrinfo", hangs)
    for _ in range(WEBHOOKS):
        endpoints.create(mallory, "http://slow.example/")
    announcing.announce(mallory.pk, "command.finished", {})
    courier.wake(mallory.pk)
    failed = WebhookDelivery.objects.filter(webhook__owner=mallory, error__startswith="No answer")
    until(lambda: failed.count() == MOST_OF_OWNER)  # given up, though the look-ups are not over
    announcing.announce(alice.pk, "command.finished", {})
    courier.wake(alice.pk)
    until(lambda: statuses(alice) == ["delivered"])
    courier.wake(mallory.pk)
    until(lambda: courier._next() is None)
    assert len(asked) == MOST_OF_OWNER
    answered.set()
    until(lambda: len(asked) == WEBHOOKS)


def test_one_webhook_does_not_take_all_places_of_its_owner(
    mallory: User, receiver: Receiver, hole: Hole, courier: Courier
) -> None:
    slow = endpoints.create(mallory, hole.url, ["turn.failed"])
    endpoints.create(mallory, receiver.url, ["turn.completed"])
    for _ in range(10):
        announcing.announce(mallory.pk, "turn.failed", {})
    announcing.announce(mallory.pk, "turn.completed", {})
    courier.wake(mallory.pk)
    until(lambda: len(receiver.got) == 1)
    until(lambda: hole.most == MOST_OF_WEBHOOK)
    assert slow.deliveries.filter(attempts=1).count() == MOST_OF_WEBHOOK


def remove(webhook: Webhook) -> None:
    endpoints.remove(webhook)


def switch_off(webhook: Webhook) -> None:
    Webhook.objects.filter(pk=webhook.pk).update(disabled_at=timezone.now())


def deactivate(webhook: Webhook) -> None:
    User.objects.filter(pk=webhook.owner_id).update(is_active=False)


def delete(webhook: Webhook) -> None:
    User.objects.filter(pk=webhook.owner_id).delete()


@pytest.mark.parametrize("ended", [remove, switch_off, deactivate, delete])
def test_an_attempt_ends_with_its_webhook_and_its_owner(
    mallory: User, hole: Hole, courier: Courier, monkeypatch, ended: Callable[[Webhook], None]
) -> None:
    monkeypatch.setattr(module, "ATTEMPT_SECONDS", 600.0)
    webhook = endpoints.create(mallory, hole.url)
    announcing.announce(mallory.pk, "command.finished", {})
    courier.wake(mallory.pk)
    until(lambda: hole.open)
    ended(webhook)
    until(lambda: not hole.open)
    # What is kept counts no attempt, and waits until it may be sent.
    until(lambda: all(row.attempts == 0 for row in WebhookDelivery.objects.all()))
    assert deliveries.owners_waiting() == []


def test_what_a_stopping_worker_breaks_off_is_due_again_and_does_not_count(
    mallory: User, hole: Hole, courier: Courier
) -> None:
    endpoints.create(mallory, hole.url)
    announcing.announce(mallory.pk, "command.finished", {})
    courier.wake(mallory.pk)
    until(lambda: hole.open)
    courier.close()
    made = WebhookDelivery.objects.get()
    assert (made.status, made.attempts) == ("pending", 0)
    assert deliveries.owners_waiting() == [mallory.pk]
    assert not [t for t in threading.enumerate() if t.name == "webhooks"]


def test_what_a_dead_worker_left_behind_is_sent_when_its_lease_is_over(
    alice: User, hook: Webhook, receiver: Receiver, courier: Courier
) -> None:
    announcing.announce(alice.pk, "command.finished", {})
    assert deliveries.claim(alice.pk) is not None  # and then it died
    assert deliveries.owners_waiting() == []
    WebhookDelivery.objects.update(next_at=timezone.now())
    courier.wake(*deliveries.owners_waiting())
    until(lambda: statuses(alice) == ["delivered"])
    assert len(receiver.got) == 1


def test_an_outcome_that_comes_after_the_lease_changes_nothing(alice: User, hook: Webhook) -> None:
    announcing.announce(alice.pk, "command.finished", {})
    late = deliveries.claim(alice.pk)
    assert late is not None
    WebhookDelivery.objects.update(next_at=timezone.now())
    assert deliveries.claim(alice.pk) is not None
    deliveries.settle(late, None, "late")
    deliveries.give_back(late)
    made = WebhookDelivery.objects.get()
    assert (made.error, made.attempts) == ("", 2)


def test_an_event_is_one_job_however_many_webhooks_there_are(
    mallory: User, settings, django_capture_on_commit_callbacks
) -> None:
    for _ in range(WEBHOOKS):
        endpoints.create(mallory, "http://127.0.0.1:9/")
    before = len(queue(settings.SANDBOX_QUEUE).get_job_ids())
    announcing.announce(mallory.pk, "command.finished", {})
    waiting = queue(settings.SANDBOX_QUEUE).get_jobs()
    assert len(waiting) == before + 1
    assert waiting[-1].func is jobs.send
    assert is_handed_over(waiting[-1])  # it takes no thread


def test_a_sandbox_worker_sends_what_is_announced(
    alice: User, hook: Webhook, receiver: Receiver, sandbox_worker: None
) -> None:
    for number in range(COMMANDS):
        announcing.announce(alice.pk, "command.finished", {"id": str(number)})
    until(lambda: statuses(alice) == ["delivered"] * COMMANDS)
    assert len(receiver.got) == COMMANDS


def test_a_failure_of_our_own_is_told_and_tried_again(
    alice: User, hook: Webhook, courier: Courier, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(*_: object, **__: object) -> int:
        raise RuntimeError

    monkeypatch.setattr(sending, "post", breaks)
    announcing.announce(alice.pk, "command.finished", {})
    courier.wake(alice.pk)
    made = WebhookDelivery.objects.get()

    def told() -> str:
        made.refresh_from_db()
        return made.error

    until(told)
    assert (made.status, made.attempts) == ("pending", 1)


def test_an_answer_without_end_is_given_up(
    mallory: User, courier: Courier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "MOST_BYTES", 200)
    hole = Hole(b"HTTP/1.1 100 Continue\r\n\r\n")
    endpoints.create(mallory, hole.url)
    announcing.announce(mallory.pk, "command.finished", {})
    courier.wake(mallory.pk)
    until(lambda: WebhookDelivery.objects.filter(error="Its answer has no end.").exists())
    hole.close()


def test_a_claim_takes_no_longer_however_much_of_others_waits(
    mallory: User, alice: User, hook: Webhook
) -> None:
    greedy = endpoints.create(mallory, "http://127.0.0.1:9/")
    long_ago = timezone.now() - timedelta(hours=1)
    WebhookDelivery.objects.bulk_create(
        WebhookDelivery(webhook=greedy, event="turn.failed", payload={}, next_at=long_ago)
        for _ in range(20_000)
    )
    announcing.announce(alice.pk, "command.finished", {})
    began = time.thread_time()  # which is SQLite's too
    assert deliveries.claim(alice.pk) is not None
    assert sorted([*deliveries.owners_waiting(), alice.pk]) == sorted([mallory.pk, alice.pk])
    assert time.thread_time() - began < 0.2


def test_of_its_owners_webhooks_the_one_that_waits_longest_is_next(mallory: User) -> None:
    first, second = (endpoints.create(mallory, "http://127.0.0.1:9/") for _ in range(2))
    for webhook, minutes in ((second, 1), (first, 5), (second, 9)):
        WebhookDelivery.objects.create(
            webhook=webhook, event="turn.failed", payload={},
            next_at=timezone.now() - timedelta(minutes=minutes),
        )  # fmt: skip
    taken = [deliveries.claim(mallory.pk) for _ in range(4)]
    assert [t and t.webhook_id for t in taken] == [second.pk, first.pk, second.pk, None]
    assert deliveries.claim(mallory.pk, [first.pk, second.pk]) is None
