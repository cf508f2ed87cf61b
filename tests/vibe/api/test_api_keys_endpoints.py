"""Programs make and revoke keys, and ask who they are."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from tests.fixtures.people import client_of
from vibe.accounts.models import ApiKey, User

URL = "/api/v1/keys"


def make(client: Client, **body: object):
    return client.post(URL, body, content_type="application/json")


def test_a_made_key_works_and_is_shown_once(as_alice: Client) -> None:
    made = make(as_alice, name="build")
    assert made.status_code == 201
    assert made["Cache-Control"] == "no-store"
    key = made.json()["key"]
    with_it = Client(headers={"authorization": f"Bearer {key}"})
    assert with_it.get("/api/v1/me").json()["username"] == "alice"
    listed = as_alice.get(URL).content.decode()
    assert key[:11] in listed
    assert key not in listed


def test_a_repeated_request_for_a_key_does_not_replay_the_secret(as_alice: Client) -> None:
    answers = [
        as_alice.post(
            URL, {}, content_type="application/json", headers={"Idempotency-Key": "once"}
        ).json()["key"]
        for _ in range(2)
    ]
    assert answers[0] != answers[1]


def test_a_revoked_key_no_longer_works(as_alice: Client) -> None:
    made = make(as_alice).json()
    assert as_alice.delete(f"{URL}/{made['id']}").status_code == 204
    with_it = Client(headers={"authorization": f"Bearer {made['key']}"})
    assert with_it.get("/api/v1/me").status_code == 401


def test_a_key_stops_working_when_it_expires(as_alice: Client) -> None:
    made = make(as_alice, days=7).json()
    with_it = Client(headers={"authorization": f"Bearer {made['key']}"})
    assert with_it.get("/api/v1/me").json()["expires_at"] == made["expires_at"]
    ApiKey.objects.filter(pk=made["id"]).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert with_it.get("/api/v1/me").status_code == 401


def test_a_key_cannot_make_one_that_may_do_more(alice: User) -> None:
    client = client_of(alice, "admin", "read")
    assert make(client, scopes=["read"]).status_code == 201
    assert make(client, scopes=["read", "run"]).status_code == 403
    assert make(client).status_code == 403


def test_only_an_admin_key_makes_keys(alice: User) -> None:
    assert make(client_of(alice, "run", "chat")).status_code == 403


def test_an_unknown_scope_is_refused_with_the_known_ones(as_alice: Client) -> None:
    refused = make(as_alice, scopes=["fly"])
    assert refused.status_code == 400
    assert "read, run, files, chat, admin" in refused.json()["detail"]


def test_somebody_elses_key_is_not_found(as_alice: Client, as_bob: Client) -> None:
    made = make(as_alice).json()
    assert as_bob.delete(f"{URL}/{made['id']}").status_code == 404
