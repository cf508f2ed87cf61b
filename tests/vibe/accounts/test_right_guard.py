"""One guard for everything that is open: few queries, no false alarm, closed when in doubt."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError

from tests.fixtures.waiting import until_async
from vibe.accounts import held_responses, right_guard
from vibe.accounts.models import ApiKey, User
from vibe.accounts.right_guard import guard, while_held
from vibe.accounts.services import api_keys, rights
from vibe.accounts.services.rights import Right, RightLost, Subject
from vibe.api import streaming

pytestmark = pytest.mark.django_db(transaction=True)
in_database = sync_to_async


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(right_guard, "CHECK_SECONDS", 0.02)


@pytest.fixture
def user() -> User:
    return User.objects.create_user("vera")


@pytest.fixture
def key(user: User) -> ApiKey:
    return api_keys.create(user)[0]


def owned_by(owners: Mapping[str, int]) -> Any:
    def found(ids: Collection[str]) -> Mapping[str, int]:
        return {one: owners[one] for one in ids if one in owners}

    return found


async def forever(right: Right | None, subject: Subject | None = None) -> str:
    try:
        async with while_held(right, subject):
            await asyncio.Event().wait()
    except RightLost as lost:
        return lost.loss.code
    return ""


async def test_work_goes_on_while_the_right_holds(key: ApiKey) -> None:
    held = asyncio.create_task(forever(rights.of_key(key, ("run",))))
    looked: list[int] = []
    watch = guard().watch(Right(0), None, lambda loss: looked.append(1))
    await until_async(lambda: looked)
    watch.close()
    assert not held.done()
    held.cancel()
    with pytest.raises(asyncio.CancelledError):
        await held


async def test_a_revoked_key_ends_it(key: ApiKey) -> None:
    held = asyncio.create_task(forever(rights.of_key(key, ("run",))))
    await in_database(api_keys.revoke)(key)
    assert await held == "unauthorized"


async def test_something_given_to_somebody_else_ends_it(user: User) -> None:
    owners = {"one": user.pk}
    held = asyncio.create_task(forever(Right(user.pk), Subject("one", owned_by(owners))))
    owners["one"] = user.pk + 1
    assert await held == "not_found"


async def test_of_what_needs_no_right_the_end_is_seen_too() -> None:
    owners = {"one": 1}
    held = asyncio.create_task(forever(None, Subject("one", owned_by(owners))))
    owners.clear()
    assert await held == "not_found"


async def test_a_timeout_of_the_work_itself_stays_one(user: User) -> None:
    with pytest.raises(TimeoutError):
        async with while_held(Right(user.pk), None):
            raise TimeoutError


def test_hundreds_of_connections_cost_as_many_queries_as_one(
    django_assert_num_queries: Any, user: User
) -> None:
    keys = [api_keys.create(user)[0] for _ in range(20)]
    session = Right(user.pk, session="x", session_hash="y")
    kind = owned_by({str(number): user.pk for number in range(300)})
    held = {
        (right, Subject(str(number), kind))
        for number in range(300)
        for right in (session, *(rights.of_key(key, ()) for key in keys))
    }
    with django_assert_num_queries(3):  # users, keys, sessions
        lost = rights.losses(held)
    assert {right for right, _ in lost} == {session}


async def test_what_cannot_be_looked_up_ends_after_a_while(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_held: object) -> None:
        raise OperationalError("no database")

    monkeypatch.setattr(rights, "losses", broken)
    monkeypatch.setattr(right_guard, "UNCONFIRMED_SECONDS", 0.1)
    assert await forever(Right(user.pk)) == "unavailable"


async def test_one_failed_look_ends_nothing(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    failures: list[int] = []
    real = rights.losses

    def sometimes(held: Any) -> Any:
        failures.append(1)
        if len(failures) < 4:
            raise OperationalError("database is locked")
        return real(held)

    monkeypatch.setattr(rights, "losses", sometimes)
    held = asyncio.create_task(forever(Right(user.pk)))
    await until_async(lambda: len(failures) > 5)
    assert not held.done()
    await in_database(User.objects.update)(is_active=False)
    assert await held == "unauthorized"


async def test_nobody_is_looked_at_when_nothing_is_open(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[object] = []
    monkeypatch.setattr(rights, "losses", looked.append)
    async with while_held(Right(user.pk), None):
        assert guard()._timer is not None
    await until_async(lambda: guard()._timer is None)
    assert guard()._checking is None and not guard()._watches and not looked


async def nothing() -> Any:
    yield ""


@pytest.mark.parametrize(
    ("media_type", "words"),
    [
        (streaming.NDJSON, b'{"error":{"code":"unauthorized","message":"The API key was revoked'),
        (streaming.SSE, b'event: error\ndata: {"type": "error", "error": {"code": "unauthorized"'),
    ],
)
def test_streams_have_a_last_word(media_type: str, words: bytes) -> None:
    response = streaming.respond(nothing(), media_type, Subject("x", owned_by({})))
    said = held_responses.last_words(response, rights.KEY_ENDED)
    assert said is not None and said.startswith(words) and said.endswith(b"\n")


async def test_the_last_word_is_a_line_of_its_own() -> None:
    sent: list[bytes] = []

    async def send(event: Mapping[str, Any]) -> None:
        sent.append(event["body"])

    noting = held_responses.NotingSend(send)
    await noting({"type": "http.response.body", "body": b'{"unfinished', "more_body": True})
    assert await noting.end(b'{"error":1}\n')
    assert sent == [b'{"unfinished', b'\n{"error":1}\n']
