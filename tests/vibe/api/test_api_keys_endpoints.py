"""Programs make and revoke keys, and ask who they are."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from tests.fixtures.people import client_of
from vibe.accounts.models import ApiKey, User
from vibe.accounts.services import api_keys

URL = "/api/v1/keys"


def make(client: Client, **body: object):
    return client.post(URL, body, content_type="application/json")


def test_a_made_key_works_and_is_shown_once(as_alice: Client) -> None:
    made = make(as_alice, name="build")
    assert made.status_code == 201
    assert made["Cache-Control"] == "private, no-store"
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


def made_by(user: User, body: dict, *scopes: str, days: int | None = None):
    _, key = api_keys.create(user, "maker", scopes, days=days)
    client = Client(headers={"authorization": f"Bearer {key}"})
    return client.post("/api/v1/keys", body, content_type="application/json")


def test_a_key_that_ends_makes_none_that_works_longer(alice: User) -> None:
    assert made_by(alice, {"days": 31}, days=30).status_code == 403
    assert made_by(alice, {"days": 29}, days=30).status_code == 201


def test_what_a_key_that_ends_makes_ends_with_it(alice: User) -> None:
    made = made_by(alice, {}, days=30).json()
    maker = ApiKey.objects.get(name="maker")
    assert ApiKey.objects.get(pk=made["id"]).expires_at == maker.expires_at


def test_a_limited_key_makes_none_that_may_more(alice: User) -> None:
    for scopes in ([], ["admin", "run"], ["chat"]):
        assert made_by(alice, {"scopes": scopes}, "admin", "files").status_code == 403
    assert made_by(alice, {"scopes": ["files"]}, "admin", "files").status_code == 201
