"""Asks a provider from the settings page: within a time, for a share of its owner, in its words."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, replace
from typing import Any

import httpx2

from chat.providers.endpoint import Endpoint
from chat.providers.guarded import AddressRefused, GuardedTransport
from chat.providers.requests import Asked, a_word, listed, the_list
from chat.providers.words import said_by
from vibe.refusal import Code, Refusal
from vibe.shares.shares import Shares

SECONDS = 20.0
BODY_LIMIT = 8_000_000
NAMES_LIMIT = 500
NAME_LENGTH = 150
# A provider that does not answer holds a thread of the web process so long.
SHARES = Shares("questions to providers", total=8, each=2, waiting=4)


@dataclass(frozen=True)
class Tested:
    """How a test ended; `words` are the provider's own where it failed."""

    ok: bool
    milliseconds: int
    title: str
    words: str = ""


def with_model(endpoint: Endpoint, name: str) -> Endpoint:
    """The endpoint of a provider for one of its models."""
    return replace(endpoint, name=name)


def test(endpoint: Endpoint, owner: str) -> Tested:
    """Have the model say a word. Raises Busy when the owner's share is full."""
    began = time.monotonic()
    try:
        status, body = _answer(a_word(endpoint), endpoint, owner)
    except _NoAnswer as error:
        return Tested(False, _since(began), "The server cannot be reached", str(error))
    taken = _since(began)
    if status >= 400 or (isinstance(body, dict) and body.get("error")):
        words = said_by(body) or "It gave no reason."
        return Tested(False, taken, f"The provider refused the request ({status})", words)
    if not isinstance(body, dict):
        words = said_by(body) or "Its answer was empty."
        return Tested(
            False, taken, "The server answered something else than this wire format", words
        )
    return Tested(True, taken, "It works")


def names(endpoint: Endpoint, owner: str) -> list[dict[str, Any]]:
    """What the provider says of its models (see `requests.listed`), at most 500.

    Raises Refusal with its words when it does not tell.
    """
    asked = the_list(endpoint)
    if asked is None:
        raise Refusal(
            f"{endpoint.provider} has no list of models to ask for.",
            "Type the names of those that you want.",
        )
    try:
        status, body = _answer(asked, endpoint, owner)
    except _NoAnswer as error:
        raise Refusal("The server cannot be reached.", str(error), Code.UNAVAILABLE) from None
    if status >= 400:
        said = said_by(body) or "no reason"
        raise Refusal(
            f"The provider did not tell its models ({status}): {said}",
            "Check key and address, or type the names of the models.",
            Code.UNAVAILABLE,
        )
    found = {
        one["name"]: one
        for one in listed(body)
        if one["name"].isprintable() and " " not in one["name"] and len(one["name"]) <= NAME_LENGTH
    }
    if not found:
        raise Refusal(
            "The server's answer holds no models.",
            "Check the address, or type the names of the models.",
            Code.UNAVAILABLE,
        )
    return list(found.values())[:NAMES_LIMIT]


class _NoAnswer(Exception):
    """Why, in words for people."""


def _answer(asked: Asked, endpoint: Endpoint, owner: str) -> tuple[int, Any]:
    """(status, JSON or text) of the answer."""
    release = SHARES.take_now(owner)
    try:
        return asyncio.run(_within(asked, guarded=endpoint.guarded))
    except TimeoutError:
        raise _NoAnswer(f"It did not answer within {SECONDS:g} s.") from None
    except AddressRefused as error:
        raise _NoAnswer(str(error)) from None
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError) as error:
        raise _NoAnswer(_why(error)) from None
    finally:
        release()


async def _within(asked: Asked, *, guarded: bool) -> tuple[int, Any]:
    async with (
        asyncio.timeout(SECONDS),
        httpx2.AsyncClient(
            transport=GuardedTransport() if guarded else None, timeout=SECONDS
        ) as client,
        client.stream(
            "GET" if asked.body is None else "POST",
            asked.url,
            headers={"Accept": "application/json", **asked.headers},
            json=asked.body,
        ) as response,
    ):
        data = bytearray()
        async for chunk in response.aiter_bytes():
            data += chunk
            if len(data) > BODY_LIMIT:
                raise ValueError("its answer has no end")
    text = data.decode("utf-8", "replace")
    try:
        return response.status_code, json.loads(text)
    except (ValueError, RecursionError):
        return response.status_code, text


def _why(error: BaseException) -> str:
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, AddressRefused):
            return str(found)
        found = found.__cause__ or found.__context__
    text = str(error).lower()
    if "getaddrinfo" in text or "name or service" in text or "resolution" in text:
        return "Its name cannot be resolved. Check the address."
    if "refused" in text or "all connection attempts failed" in text:
        return "Nothing answers at its address. Is the server running?"
    return said_by(str(error)) or "The connection broke."


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
