"""Providers and models through the API."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from chat.models import LanguageModel, Provider
from tests.fixtures.models import KEY, make_model, make_provider
from tests.fixtures.people import client_of
from tests.fixtures.rows import make_conversation
from vibe.accounts.models import User

JSON = "application/json"
PUBLIC = "https://models.example.com/v1"
GROQ = {"name": "Groq", "wire": "groq", "base_url": "https://api.groq.com/openai/v1", "key": KEY}
URL = "/api/v1/providers"


def test_a_provider_is_added_listed_changed_and_deleted(as_alice: Client) -> None:
    made = as_alice.post(URL, GROQ, content_type=JSON)
    url = f"{URL}/{made.json()['id']}"
    changed = as_alice.patch(url, {"name": "Mine", "enabled": False}, content_type=JSON)
    listed = as_alice.get(URL).json()["items"]

    assert made.status_code == 201
    assert (made.json()["has_key"], made.json()["key_end"]) == (True, "WXYZ")
    assert (changed.status_code, changed.json()["name"]) == (200, "Mine")
    assert [one["enabled"] for one in listed] == [False]
    assert KEY not in made.content.decode() + changed.content.decode() + str(listed)
    assert as_alice.delete(url).status_code == 204
    assert as_alice.get(URL).json() == {"items": []}


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"wire": "telepathy"}, 422, "invalid"),
        ({"name": " "}, 400, "invalid"),
        ({"name": "x" * 61}, 422, "invalid"),
        ({"base_url": "ftp://x"}, 400, "invalid"),
        ({"key": "two words"}, 400, "invalid"),
        ({"base_url": "http://169.254.169.254/v1"}, 403, "denied"),
        ({"base_url": "http://localhost:11434/v1"}, 403, "denied"),
    ],
)
def test_what_does_not_fit_is_refused(as_alice: Client, changes, status, code) -> None:
    response = as_alice.post(URL, {**GROQ, **changes}, content_type=JSON)

    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert KEY not in response.content.decode()
    assert Provider.objects.count() == 0


def test_more_than_ones_share_is_refused(as_alice: Client, alice: User, settings) -> None:
    settings.PROVIDERS_PER_USER = 1
    make_provider(alice, PUBLIC)

    assert as_alice.post(URL, GROQ, content_type=JSON).status_code == 429


def test_a_model_is_added_changed_and_deleted(as_alice: Client, alice: User) -> None:
    provider = make_provider(alice, PUBLIC)
    made = as_alice.post(f"{URL}/{provider.pk}/models", {"name": "llama"}, content_type=JSON)
    again = as_alice.post(f"{URL}/{provider.pk}/models", {"name": "llama"}, content_type=JSON)
    url = f"/api/v1/models/{made.json()['id']}"
    changes = {"efforts": ["low"], "input_price": 1.5, "context_size": 8192}
    changed = as_alice.patch(url, changes, content_type=JSON)
    cleared = as_alice.patch(url, {"input_price": None}, content_type=JSON)

    assert (made.status_code, made.json()["model_id"]) == (201, f"{provider.slug}:llama")
    assert again.status_code == 409
    assert (changed.status_code, changed.json()["efforts"]) == (200, ["low"])
    assert float(changed.json()["input_price"]) == 1.5
    assert (cleared.json()["input_price"], cleared.json()["context_size"]) == (None, 8192)
    assert as_alice.delete(url).status_code == 204
    assert LanguageModel.objects.count() == 0


def test_the_list_tells_ones_own_with_their_efforts(as_alice: Client, alice: User) -> None:
    model = make_model(alice, PUBLIC, "claude-sonnet-4-5", wire="anthropic")
    make_model(None, "https://other.example.com/v1", "ours")

    found = as_alice.get("/api/v1/models").json()

    listed = [one for one in found["items"] if not one["id"].startswith("recorded:")]
    assert [one["own"] for one in listed] == [True, False, False]
    assert found["items"][0]["id"] == found["default"] == model.shown_id
    assert found["items"][0]["efforts"] == ["auto", "low", "medium", "high"]
    assert found["items"][0]["sees_images"] is True
    assert found["fallbacks"] == []


def test_default_and_fallbacks_are_set(as_alice: Client, alice: User) -> None:
    url = "/api/v1/model-preference"
    body = {"default": "demo", "fallbacks": ["demo"]}
    assert as_alice.put(url, body, content_type=JSON).json() == body
    assert as_alice.get("/api/v1/models").json()["fallbacks"] == ["demo"]
    assert as_alice.put(url, {"default": "nope"}, content_type=JSON).status_code == 400
    many = {"fallbacks": ["demo"] * 6}
    assert as_alice.put(url, many, content_type=JSON).status_code == 422


def test_testing_and_fetching_tell_the_providers_words(
    as_alice: Client, alice: User, answering, settings
) -> None:
    settings.MODELS_PRIVATE = True
    body = json.dumps({"error": {"message": f"{KEY} is not welcome"}})
    model = make_model(alice, answering(body, status=401))
    provider = f"{URL}/{model.provider_id}"

    tested = as_alice.post(f"{provider}/test")
    by_model = as_alice.post(f"/api/v1/models/{model.pk}/test")
    fetched = as_alice.post(f"{provider}/fetch")

    assert tested.status_code == by_model.status_code == 200
    assert (tested.json()["ok"], tested.json()["words"]) == (False, "… is not welcome")
    assert by_model.json()["title"] == "The provider refused the request (401)"
    assert fetched.status_code == 503
    assert KEY not in fetched.content.decode()


def test_a_provider_without_models_cannot_be_tested(as_alice: Client, alice: User) -> None:
    provider = make_provider(alice, PUBLIC)

    assert as_alice.post(f"{URL}/{provider.pk}/test").status_code == 400


def test_somebody_elses_are_not_there(as_bob: Client, alice: User) -> None:
    model = make_model(alice, PUBLIC)
    ours = make_model(None, PUBLIC, name="ours")
    for row in (model, ours):
        provider = f"{URL}/{row.provider_id}"
        assert as_bob.patch(provider, {}, content_type=JSON).status_code == 404
        assert as_bob.delete(provider).status_code == 404
        for verb in ("test", "fetch"):
            assert as_bob.post(f"{provider}/{verb}").status_code == 404
        assert as_bob.post(f"{provider}/models", {"name": "x"}, JSON).status_code == 404
        one = f"/api/v1/models/{row.pk}"
        assert as_bob.patch(one, {}, content_type=JSON).status_code == 404
        assert as_bob.delete(one).status_code == 404
        assert as_bob.post(f"{one}/test").status_code == 404
    assert as_bob.get(URL).json() == {"items": []}


def test_a_key_that_may_only_converse_does_not_see_them(alice: User) -> None:
    assert client_of(alice, "chat").get(URL).status_code == 403


def test_a_turn_takes_an_effort(as_alice: Client, alice: User) -> None:
    url = f"/api/v1/conversations/{make_conversation(alice).pk}/turns"
    wrong = as_alice.post(url, {"message": "Hello", "effort": "much"}, content_type=JSON)
    right = as_alice.post(url, {"message": "Hello", "effort": "high"}, content_type=JSON)

    assert wrong.status_code == 422
    assert right.status_code == 202
    turn = as_alice.get(f"/api/v1/turns/{right.json()['id']}").json()
    assert turn["effort"] == "high"


def test_a_conversation_takes_effort_and_fixing(as_alice: Client, alice: User) -> None:
    url = f"/api/v1/conversations/{make_conversation(alice).pk}"
    body = {"effort": "low", "fix_errors": False, "model": "demo"}
    changed = as_alice.patch(url, body, content_type=JSON).json()

    assert {name: changed[name] for name in body} == body
    assert as_alice.patch(url, {"effort": "much"}, content_type=JSON).status_code == 422
