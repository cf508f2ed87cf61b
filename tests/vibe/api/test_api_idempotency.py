"""A POST that is sent twice with one Idempotency-Key is carried out once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone

from chat.models import Conversation
from chat.services import conversations
from vibe.accounts.models import ApiKey, User
from vibe.accounts.services import api_keys
from vibe.api import idempotency
from vibe.api.models import IdempotentRequest

URL = "/api/v1/conversations"


def post(client: Client, key: str, title: str = "Once", path: str = URL):
    return client.post(
        path, {"title": title}, content_type="application/json", headers={"Idempotency-Key": key}
    )


def test_a_repeated_request_gets_the_first_answer(as_alice: Client) -> None:
    first, second = post(as_alice, "k1"), post(as_alice, "k1")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert second["Idempotent-Replayed"] == "true"
    assert Conversation.objects.count() == 1


def test_without_a_key_each_request_counts(as_alice: Client) -> None:
    for _ in range(2):
        as_alice.post(URL, {}, content_type="application/json")
    assert Conversation.objects.count() == 2


def test_the_key_of_another_caller_is_another_key(as_alice: Client, as_bob: Client) -> None:
    assert post(as_alice, "same").json()["id"] != post(as_bob, "same").json()["id"]


def test_a_key_cannot_be_used_for_another_request(as_alice: Client) -> None:
    post(as_alice, "k1")
    refused = post(as_alice, "k1", "Something else")
    assert refused.status_code == 422
    assert "another request" in refused.json()["detail"]


def test_a_request_still_under_way_is_not_started_again(as_alice: Client) -> None:
    post(as_alice, "k1")
    IdempotentRequest.objects.update(status=None)
    refused = post(as_alice, "k1")
    assert (refused.status_code, refused["Retry-After"]) == (409, "1")


def test_a_request_whose_server_died_can_be_sent_again_later(as_alice: Client) -> None:
    post(as_alice, "k1")
    long_ago = timezone.now() - idempotency.ABANDONED - timedelta(seconds=1)
    IdempotentRequest.objects.update(status=None, created_at=long_ago)
    assert post(as_alice, "k1").status_code == 201
    assert Conversation.objects.count() == 2


def test_a_refused_request_is_remembered_as_refused(as_alice: Client) -> None:
    missing = "/api/v1/conversations/none/turns"
    body = {"message": "hi"}
    answers = [
        as_alice.post(
            missing, body, content_type="application/json", headers={"Idempotency-Key": "k"}
        )
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[1]["Idempotent-Replayed"] == "true"
    assert answers[1]["Content-Type"] == "application/problem+json"


def test_a_failure_of_ours_is_tried_again(
    as_alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(conversations, "create", broken)
        assert post(as_alice, "k1").status_code == 500
    assert post(as_alice, "k1").status_code == 201


def test_a_key_that_cannot_be_kept_is_refused(as_alice: Client) -> None:
    assert post(as_alice, "x" * 300).status_code == 400


def test_old_keys_are_forgotten(as_alice: Client) -> None:
    post(as_alice, "k1")
    IdempotentRequest.objects.update(created_at=timezone.now() - timedelta(hours=25))
    post(as_alice, "k2")
    idempotency.forget_old()
    assert [row.key for row in IdempotentRequest.objects.all()] == ["k2"]


def test_of_large_answers_a_caller_keeps_only_the_newest(alice, monkeypatch):
    from django.http import HttpResponse

    from vibe.api import idempotency
    from vibe.api.models import IdempotentRequest

    monkeypatch.setattr(idempotency, "MOST_LARGE", 2)
    for number, size in enumerate([20_000, 10, 20_000, 20_000]):
        request = RequestFactory().post("/")
        request.idempotent_claim = IdempotentRequest.objects.create(
            caller="a", key=f"{number}", fingerprint="f"
        )
        idempotency.finish(request, HttpResponse(b"x" * size, status=201))
    kept = IdempotentRequest.objects.order_by("created_at").values_list("key", flat=True)
    assert list(kept) == ["1", "2", "3"]


def test_of_very_many_requests_a_caller_keeps_the_newest(alice, monkeypatch):
    from vibe.api import idempotency
    from vibe.api.models import IdempotentRequest

    monkeypatch.setattr(idempotency, "MOST_KEPT", 2)
    for number in range(4):
        IdempotentRequest.objects.create(caller="a", key=f"{number}", fingerprint="f", status=200)
    IdempotentRequest.objects.create(caller="b", key="0", fingerprint="f", status=200)
    assert idempotency.forget_old() == 2
    assert IdempotentRequest.objects.filter(caller="b").exists()


def with_key(key: str, headers: dict[str, str], path: str = URL, method: str = "post"):
    return getattr(Client(), method)(
        path,
        {"title": "Once"},
        content_type="application/json",
        headers={"Idempotency-Key": key, **headers},
    )


def bearer(user: User, *scopes: str, **options: int) -> tuple[dict[str, str], ApiKey]:
    row, key = api_keys.create(user, "test", scopes, **options)
    return {"Authorization": f"Bearer {key}"}, row


@pytest.mark.parametrize("end", ["revoked", "expired", "switched off"])
def test_a_key_that_ended_is_not_shown_what_it_did(alice: User, end: str) -> None:
    headers, row = bearer(alice)
    assert with_key("k1", headers).status_code == 201
    if end == "revoked":
        api_keys.revoke(row)
    elif end == "expired":
        ApiKey.objects.update(expires_at=timezone.now())
    else:
        User.objects.update(is_active=False)
    refused = with_key("k1", headers)
    assert refused.status_code == 401
    assert "Idempotent-Replayed" not in refused


def test_a_key_that_may_no_longer_is_not_shown_what_it_did(alice: User) -> None:
    headers, row = bearer(alice)
    with_key("k1", headers)
    ApiKey.objects.filter(pk=row.pk).update(scopes=["run"])
    assert with_key("k1", headers).status_code == 403


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        (URL, "post", 401),
        ("/api/v1/nothing", "post", 404),
        ("/api/v1/me", "post", 405),
        (URL, "put", 405),
    ],
)
def test_nothing_is_kept_of_a_stranger(db: None, path: str, method: str, status: int) -> None:
    for headers in ({}, {"Authorization": "Bearer x"}, {"Cookie": "vibe_session=x"}):
        assert with_key("k1", headers, path, method).status_code == status
    assert not IdempotentRequest.objects.exists()


def test_nothing_is_kept_of_what_a_key_may_not_do(alice: User) -> None:
    headers, _ = bearer(alice, "read")
    assert with_key("k1", headers).status_code == 403
    assert with_key("k1", headers, "/api/v1/me").status_code == 405
    assert not IdempotentRequest.objects.exists()


def test_what_is_kept_belongs_to_the_account(alice: User) -> None:
    first, second = (with_key("k1", bearer(alice)[0]) for _ in range(2))
    assert first.json() == second.json()
    assert IdempotentRequest.objects.get().caller == f"user:{alice.pk}"
