"""Answers that are awaited: in the endpoint's form, or in that of every error."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpResponse
from ninja import Schema

from vibe.api import errors
from vibe.api.later import later
from vibe.later import Later
from vibe.refusal import Refusal

pytestmark = pytest.mark.unit


class Out(Schema):
    name: str


class Found:
    name = "todo"
    secret = "hush"


def answered(outcome: Any) -> HttpResponse:
    async def find() -> Any:
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    response = asyncio.run(later(Out, find, status=201).resolve())
    assert isinstance(response, HttpResponse)
    return response


def test_what_was_found_is_shown_in_the_form_of_the_schema_alone() -> None:
    response = answered(Found())

    assert (response.status_code, json.loads(response.content)) == (201, {"name": "todo"})


def test_a_refusal_is_told_as_everywhere() -> None:
    response = answered(Refusal("No.", "Ask later.", "limit", retry_after=3))

    assert (response.status_code, response["Retry-After"]) == (429, "3")
    assert json.loads(response.content)["error"]["hint"] == "Ask later."


def test_what_was_deleted_meanwhile_is_not_there() -> None:
    assert answered(ObjectDoesNotExist()).status_code == 404


def test_what_nobody_foresaw_tells_nothing_of_itself(caplog: pytest.LogCaptureFixture) -> None:
    response = answered(RuntimeError("hush"))

    assert response.status_code == 500
    assert b"hush" not in response.content
    assert "an awaited answer failed" in caplog.text


async def test_what_has_to_be_settled_is_so_when_the_client_has_left() -> None:
    finish = asyncio.Event()
    settled: list[int] = []

    async def make() -> HttpResponse:
        await finish.wait()
        return HttpResponse(status=201)

    async def settle(response: Any) -> None:
        settled.append(response.status_code)

    response = Later(make, errors.told)
    response.then(settle)
    waiting = asyncio.create_task(response.resolve())
    await asyncio.sleep(0)
    waiting.cancel()
    finish.set()
    for _ in range(5):
        await asyncio.sleep(0)

    assert settled == [201]
