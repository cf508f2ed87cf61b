"""Whose share a request takes, before anybody has checked who sends it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from vibe.accounts.models import User
from vibe.web.request_owner import RequestOwners
from vibe.web.request_threads import RequestThreads

pytestmark = pytest.mark.unit

KEY = [(b"authorization", b"Bearer vibe_abc")]
SESSION = [(b"cookie", b"other=1; vibe_session=abc; more=2")]
ALICE = User(pk=7, username="alice")


def learnt(owners: RequestOwners, headers: list[tuple[bytes, bytes]], user: object) -> None:
    request = RequestFactory().get("/")
    request.user = user  # type: ignore[assignment]
    owners.learn(headers, request)


def test_a_credential_that_nobody_has_checked_counts_by_its_address() -> None:
    assert RequestOwners().of(KEY, "192.0.2.1") == "address 192.0.2.1"


@pytest.mark.parametrize("headers", [KEY, SESSION])
def test_what_a_credential_was_found_to_be_is_remembered(
    headers: list[tuple[bytes, bytes]],
) -> None:
    owners = RequestOwners()
    learnt(owners, headers, ALICE)

    assert owners.of(headers, "192.0.2.1") == "user 7"


def test_all_keys_and_sessions_of_a_user_have_one_share() -> None:
    owners = RequestOwners()
    learnt(owners, KEY, ALICE)
    learnt(owners, SESSION, ALICE)

    assert owners.of(KEY, "a") == owners.of(SESSION, "b")


def test_a_request_of_nobody_teaches_nothing() -> None:
    owners = RequestOwners()
    learnt(owners, SESSION, AnonymousUser())

    assert owners.of(SESSION, "192.0.2.1") == "address 192.0.2.1"


def test_a_key_counts_and_not_the_session_beside_it() -> None:
    owners = RequestOwners()
    learnt(owners, [*KEY, *SESSION], ALICE)

    assert owners.of(SESSION, "192.0.2.1") == "address 192.0.2.1"
    assert owners.of(KEY, "192.0.2.1") == "user 7"


@pytest.mark.parametrize(
    "cookie", [b"vibe_session", b"vibe_session=", b'vibe_session="\xff', b"\xff=;;"]
)
def test_a_broken_cookie_is_no_credential(cookie: bytes) -> None:
    assert RequestOwners().of([(b"cookie", cookie)], "192.0.2.1") == "address 192.0.2.1"


def test_only_so_many_credentials_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vibe.web.request_owner.REMEMBERED", 1)
    owners = RequestOwners()
    learnt(owners, KEY, ALICE)
    learnt(owners, SESSION, ALICE)

    assert owners.of(KEY, "a") == "address a"
    assert owners.of(SESSION, "a") == "user 7"


@pytest.mark.parametrize(
    "path", ["/sign-in/", "/static/css/base.css", "/healthz", "/readyz", "/metrics"]
)
def test_what_must_always_answer_has_threads_of_its_own(path: str) -> None:
    threads = RequestThreads()

    assert threads.of(path) is not threads.of("/sandboxes/")
    assert threads.of(path) is threads.of(path)
