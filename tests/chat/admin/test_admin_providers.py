"""Providers and models of everybody in the admin."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from chat.models import LanguageModel, ModelPreference, Provider
from tests.fixtures.models import KEY, make_model, make_provider
from vibe.accounts.models import User

PROVIDERS = "/admin/chat/provider/"
MODELS = "/admin/chat/languagemodel/"
LOCAL = "http://localhost:11434/v1"
FIELDS = {"name": "Local", "wire": "openai-chat", "base_url": LOCAL, "enabled": "on"}


@pytest.fixture
def root(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    return client


def test_a_local_server_is_added_for_everybody(root: Client) -> None:
    response = root.post(f"{PROVIDERS}add/", {**FIELDS, "key": KEY})

    made = Provider.objects.get()
    assert response.status_code == 302
    assert (made.owner, made.slug, made.key_end) == (None, "local", "WXYZ")
    assert KEY not in made.sealed_key


def test_the_key_is_never_shown_again(root: Client) -> None:
    provider = make_provider(None, LOCAL)
    body = root.get(f"{PROVIDERS}{provider.pk}/change/").content.decode()
    body += root.get(PROVIDERS).content.decode()

    assert "…WXYZ" in body
    assert KEY not in body and provider.sealed_key not in body


def test_an_empty_key_keeps_the_one_that_is_there(root: Client) -> None:
    provider = make_provider(None, LOCAL)

    root.post(f"{PROVIDERS}{provider.pk}/change/", {**FIELDS, "name": "Renamed", "key": ""})

    kept = Provider.objects.get()
    assert (kept.name, kept.sealed_key) == ("Renamed", provider.sealed_key)


def test_a_refusal_stands_beside_the_form(root: Client) -> None:
    provider = make_provider(None, LOCAL)
    elsewhere = {**FIELDS, "base_url": "https://elsewhere.example.com/v1", "key": ""}

    changed = root.post(f"{PROVIDERS}{provider.pk}/change/", elsewhere)
    added = root.post(f"{PROVIDERS}add/", {**FIELDS, "base_url": "nonsense", "key": KEY})

    assert changed.status_code == added.status_code == 200
    assert "Enter the key together with the address" in changed.content.decode()
    assert "The address cannot be used" in added.content.decode()
    assert KEY not in added.content.decode()
    assert Provider.objects.get().base_url == LOCAL


def test_those_of_users_are_not_there(root: Client, alice: User) -> None:
    model = make_model(alice, "https://models.example.com/v1", name="mine")

    assert "models.example.com" not in root.get(PROVIDERS).content.decode()
    assert root.get(f"{PROVIDERS}{model.provider_id}/change/").status_code == 302
    assert root.get(f"{MODELS}{model.pk}/change/").status_code == 302


def test_a_model_is_added_and_priced(root: Client) -> None:
    provider = make_provider(None, LOCAL)
    root.post(f"{MODELS}add/", {"provider": provider.pk, "name": "llama"})
    model = LanguageModel.objects.get()
    fields = {
        "label": "Llama", "enabled": "on", "order": "3", "efforts": ["low", "high"],
        "input_price": "0.25", "output_price": "1", "uses_tools": "on",
    }  # fmt: skip

    response = root.post(f"{MODELS}{model.pk}/change/", fields)

    model.refresh_from_db()
    assert response.status_code == 302
    assert (model.shown_id, model.label, model.order) == (f"{provider.slug}:llama", "Llama", 3)
    assert (str(model.input_price), model.efforts) == ("0.250000", ["low", "high"])
    again = root.post(f"{MODELS}add/", {"provider": provider.pk, "name": "llama"})
    assert "llama is there already" in again.content.decode()


def test_models_are_disabled_by_an_action(root: Client) -> None:
    model = make_model(None, LOCAL)
    root.post(MODELS, {"action": "disable", "_selected_action": [model.pk]})

    assert LanguageModel.objects.get().enabled is False


def test_providers_are_tested_and_their_lists_fetched(root: Client, answering) -> None:
    refusal = json.dumps({"error": {"message": f"{KEY} is not welcome"}})
    model = make_model(None, answering(refusal, status=401))
    chosen = {"_selected_action": [model.provider_id]}

    tested = root.post(PROVIDERS, {"action": "test", **chosen}, follow=True).content.decode()
    fetched = root.post(PROVIDERS, {"action": "fetch", **chosen}, follow=True).content.decode()

    assert "… is not welcome" in tested and "… is not welcome" in fetched
    assert KEY not in tested + fetched


def test_everybodys_default_is_set_once(root: Client) -> None:
    url = "/admin/chat/modelpreference/add/"
    body = {"default_model": "demo", "fallbacks": '["demo"]'}
    assert root.post(url, {**body, "default_model": "nope"}).status_code == 200
    assert root.post(url, body).status_code == 302

    kept = ModelPreference.objects.get()
    assert (kept.owner, kept.default_model, kept.fallbacks) == (None, "demo", ["demo"])
    assert root.get(url).status_code == 403


def test_a_provider_is_deleted_with_its_models(root: Client) -> None:
    model = make_model(None, LOCAL)
    root.post(f"{PROVIDERS}{model.provider_id}/delete/", {"post": "yes"})

    assert (Provider.objects.count(), LanguageModel.objects.count()) == (0, 0)


def test_who_is_no_administrator_sees_nothing(alice: User) -> None:
    client = Client()
    client.force_login(alice)
    assert client.get(PROVIDERS).status_code == 302
