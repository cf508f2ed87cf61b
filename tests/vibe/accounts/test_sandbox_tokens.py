"""Tokens for sandbox work: they do no more than that, and end with the key they are made from."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from vibe.accounts.models import ApiKey, User
from vibe.accounts.services import api_keys, sandbox_tokens
from vibe.refusal import Refusal

LIST = "/vercel/v2/sandboxes"


@pytest.fixture
def key(user: User) -> ApiKey:
    return api_keys.create(user, "laptop")[0]


def status(token: str, path: str = LIST) -> int:
    return Client(headers={"authorization": f"Bearer {token}"}).get(path).status_code


def claims_of(token: str) -> dict:
    part = token.split(".")[1]
    return json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def test_it_does_sandbox_work(key: ApiKey) -> None:
    assert status(sandbox_tokens.issue(key)) == 200


@pytest.mark.parametrize("path", ["/api/v1/me", "/api/v1/keys", "/api/v1/conversations"])
def test_it_does_nothing_else(key: ApiKey, path: str) -> None:
    assert status(sandbox_tokens.issue(key), path) == 401


def test_nothing_of_the_key_is_in_it(user: User) -> None:
    row, key = api_keys.create(user)
    token = sandbox_tokens.issue(row)
    assert key not in json.dumps(claims_of(token)) and row.digest not in json.dumps(
        claims_of(token)
    )
    assert set(claims_of(token)) == {"aud", "sub", "iat", "exp"}


def test_it_ends_with_its_key(key: ApiKey) -> None:
    token = sandbox_tokens.issue(key)
    api_keys.revoke(key)
    assert status(token) == 401


def test_it_ends_with_its_user(key: ApiKey) -> None:
    token = sandbox_tokens.issue(key)
    User.objects.update(is_active=False)
    assert status(token) == 401


def test_it_works_for_half_a_day(key: ApiKey) -> None:
    claims = claims_of(sandbox_tokens.issue(key))
    assert claims["exp"] - claims["iat"] == 12 * 3600


def test_one_of_yesterday_does_not_work(key: ApiKey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox_tokens, "LIFETIME", timedelta(seconds=-1))
    assert status(sandbox_tokens.issue(key)) == 401


def test_it_does_not_outlive_a_key_that_expires(user: User) -> None:
    row, _ = api_keys.create(user, days=1)
    ApiKey.objects.update(expires_at=timezone.now() + timedelta(minutes=5))
    row.refresh_from_db()
    claims = claims_of(sandbox_tokens.issue(row))
    assert claims["exp"] - claims["iat"] <= 300


def test_another_payload_does_not_fit_its_signature(key: ApiKey) -> None:
    head, _, signature = sandbox_tokens.issue(key).split(".")
    payload = {"aud": sandbox_tokens.AUDIENCE, "sub": key.pk, "iat": 0, "exp": 4_000_000_000}
    forged = urlsafe_b64encode(json.dumps(payload).encode()).decode().rstrip("=")
    for token in (f"{head}.{forged}.{signature}", f"{head}.{forged}.none", f"{head}.{forged}."):
        assert status(token) == 401


def test_it_may_do_no_more_than_its_key(user: User) -> None:
    row, _ = api_keys.create(user, scopes=["read", "admin"])
    client = Client(headers={"authorization": f"Bearer {sandbox_tokens.issue(row)}"})
    assert client.get(LIST).status_code == 200
    made = client.post(LIST, {"projectId": "p"}, content_type="application/json")
    assert made.status_code == 403


def test_a_key_without_sandboxes_makes_none(user: User) -> None:
    row, _ = api_keys.create(user, scopes=["chat", "admin"])
    with pytest.raises(Refusal, match="nothing with sandboxes"):
        sandbox_tokens.issue(row)


@pytest.mark.parametrize("token", ["..", "a.b.c", "é.é.é", f"{'x' * 3000}.b.c"])
def test_nonsense_is_no_token(db: None, token: str) -> None:
    assert sandbox_tokens.authenticate(token) is None


def test_a_program_makes_one_with_its_key(user: User) -> None:
    _, key = api_keys.create(user, scopes=["run"])
    answer = Client(headers={"authorization": f"Bearer {key}"}).post("/api/v1/sandbox-tokens")
    assert answer.status_code == 201 and "no-store" in answer["Cache-Control"]
    assert status(answer.json()["token"]) == 200
    assert answer.json()["preview"] == "http://PORT-SANDBOX.vibe.localhost:8000"


def test_the_tokens_of_a_user_are_made_from_one_key(user: User) -> None:
    assert sandbox_tokens.key_for(user, "clients") == sandbox_tokens.key_for(user, "clients")
    api_keys.revoke(sandbox_tokens.key_for(user, "clients"))
    assert sandbox_tokens.key_for(user, "clients").revoked_at is None
