"""Programs set webhooks up and read their delivery log."""

from __future__ import annotations

import pytest
from django.test import Client

from sandboxes.services import commands, creating
from tests.fixtures.people import client_of
from tests.fixtures.rows import finish, make_command, make_sandbox
from vibe.accounts.models import User
from vibe.webhooks.models import WebhookDelivery

URL = "/api/v1/webhooks"
HOOK = {"url": "https://example.org/hook"}


def make(client: Client, **body: object):
    return client.post(URL, HOOK | body, content_type="application/json")


def test_a_made_webhook_shows_its_secret_once(as_alice: Client) -> None:
    made = make(as_alice)
    assert made.status_code == 201
    assert made.json()["secret"].startswith("whsec_")
    assert "secret" not in as_alice.get(URL).json()["items"][0]


def test_the_end_of_a_command_stands_in_the_delivery_log(as_alice: Client, alice: User) -> None:
    hook = make(as_alice, events=["command.finished"]).json()["id"]
    command = finish(make_command(make_sandbox(alice)))
    commands.announce_end(command)
    (delivery,) = as_alice.get(f"{URL}/{hook}/deliveries").json()["items"]
    assert delivery["payload"]["data"]["id"] == command.pk
    assert delivery["payload"]["data"]["exit_code"] == 0


def test_a_new_sandbox_is_announced(as_alice: Client, alice: User) -> None:
    make(as_alice)
    sandbox = creating.create_sandbox(alice, start=False)
    delivery = WebhookDelivery.objects.get()
    assert (delivery.event, delivery.payload["data"]["id"]) == ("sandbox.created", sandbox.pk)


@pytest.mark.parametrize(
    "body",
    [
        {"url": "ftp://example.org"},
        {"url": "https://user:secret@example.org/"},
        {"url": "https://"},
        {"events": ["sandbox.exploded"]},
    ],
)
def test_what_cannot_work_is_refused(as_alice: Client, body: dict[str, object]) -> None:
    assert make(as_alice, **body).status_code == 400


def test_a_removed_webhook_is_gone(as_alice: Client) -> None:
    hook = make(as_alice).json()["id"]
    assert as_alice.delete(f"{URL}/{hook}").status_code == 204
    assert as_alice.get(URL).json()["items"] == []


def test_somebody_elses_webhook_is_not_found(as_alice: Client, as_bob: Client) -> None:
    hook = make(as_alice).json()["id"]
    assert as_bob.delete(f"{URL}/{hook}").status_code == 404
    assert as_bob.get(f"{URL}/{hook}/deliveries").status_code == 404


def test_a_key_without_admin_cannot_make_one(alice: User) -> None:
    assert make(client_of(alice, "run")).status_code == 403
