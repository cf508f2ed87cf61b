"""The page of models and providers, and the choices beside the composer."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from chat.models import LanguageModel, ModelPreference, Provider
from chat.services import conversations
from chat.services.offered_models import language_models
from tests.fixtures.models import KEY, make_model, make_provider
from tests.fixtures.rows import make_conversation, make_turn
from vibe.accounts.models import User

PAGE = "/settings/models/"
PUBLIC = "https://models.example.com/v1"
GROQ = {"preset": "groq", "key": KEY}


def test_without_anything_it_says_what_to_do(page: Client) -> None:
    body = page.get(PAGE).content.decode()

    assert "<title>Models and providers – Vibe</title>" in body
    assert "None yet." in body
    assert "OPENAI_API_KEY" in body
    assert "Demo model (scripted)" in body


def test_the_settings_page_leads_there(page: Client) -> None:
    assert f'href="{PAGE}"' in page.get("/settings/").content.decode()


def test_a_known_provider_needs_a_key_alone(page: Client, alice: User) -> None:
    response = page.post(f"{PAGE}providers/", GROQ, follow=True)

    made = Provider.objects.get()
    assert (made.owner, made.name, made.wire) == (alice, "Groq", "groq")
    assert made.base_url == "https://api.groq.com/openai/v1"
    body = response.content.decode()
    assert "…WXYZ" in body
    assert KEY not in body and made.sealed_key not in body


def test_another_server_is_named_with_its_format_and_address(page: Client) -> None:
    data = {"preset": "other:anthropic", "name": "Gateway", "base_url": PUBLIC, "key": KEY}
    page.post(f"{PAGE}providers/", data)

    made = Provider.objects.get()
    assert (made.name, made.wire, made.base_url) == ("Gateway", "anthropic", PUBLIC)


def test_a_refusal_stands_on_the_page_with_what_was_typed_but_the_key(page: Client) -> None:
    data = {"preset": "ollama", "name": "Mine", "base_url": "http://10.0.0.7/v1", "key": KEY}
    response = page.post(f"{PAGE}providers/", data)

    body = response.content.decode()
    assert response.status_code == 403
    assert "a private address" in body and "VIBE_MODELS_PRIVATE" in body
    assert 'value="Mine"' in body and 'value="http://10.0.0.7/v1"' in body
    assert KEY not in body


@pytest.mark.parametrize("preset", ["", "nothing", "other:nothing"])
def test_a_format_that_there_is_not_is_refused(page: Client, preset: str) -> None:
    data = {"preset": preset, "name": "X", "base_url": PUBLIC}
    assert page.post(f"{PAGE}providers/", data).status_code == 400


def test_an_empty_key_keeps_the_one_that_is_there(page: Client, alice: User) -> None:
    provider = make_provider(alice, PUBLIC)
    data = {"name": "New name", "wire": provider.wire, "base_url": PUBLIC, "key": ""}

    page.post(f"{PAGE}providers/{provider.pk}/", data)

    kept = Provider.objects.get()
    assert (kept.name, kept.sealed_key) == ("New name", provider.sealed_key)


def test_a_provider_is_switched_off_and_deleted(page: Client, alice: User) -> None:
    model = make_model(alice, PUBLIC)
    url = f"{PAGE}providers/{model.provider_id}/"

    page.post(url, {"enabled": "0"})
    off = Provider.objects.get().enabled
    page.post(f"{url}delete/")

    assert off is False
    assert (Provider.objects.count(), LanguageModel.objects.count()) == (0, 0)


def test_the_test_shows_what_came_of_it(page: Client, alice: User, answering, settings) -> None:
    settings.MODELS_PRIVATE = True
    refusal = json.dumps({"error": {"message": "No such <b>model</b>"}})
    model = make_model(alice, answering(refusal, status=404))

    by_provider = page.post(f"{PAGE}providers/{model.provider_id}/test/").content.decode()
    by_model = page.post(f"{PAGE}{model.pk}/test/").content.decode()

    for body in (by_provider, by_model):
        assert "The provider refused the request (404)" in body
        assert "No such &lt;b&gt;model&lt;/b&gt;" in body


def test_the_list_of_models_is_fetched(page: Client, alice: User, answering, settings) -> None:
    settings.MODELS_PRIVATE = True
    provider = make_provider(alice, answering(json.dumps({"data": [{"id": "llama"}]})))

    response = page.post(f"{PAGE}providers/{provider.pk}/fetch/", follow=True)

    assert "has 1 models, 1 of them new" in response.content.decode()
    assert f"{provider.slug}:llama" in page.get("/new/").content.decode()


def test_a_model_is_added_changed_disabled_and_deleted(page: Client, alice: User) -> None:
    provider = make_provider(alice, PUBLIC)
    page.post(f"{PAGE}providers/{provider.pk}/add/", {"name": "llama"})
    model = LanguageModel.objects.get()
    url = f"{PAGE}{model.pk}/"
    changes = {
        "all": "1", "label": "Llama", "context_size": "8192", "output_limit": "", "uses_tools": "1",
        "input_price": "0.5", "output_price": "1", "efforts": ["low", "high"],
    }  # fmt: skip

    page.post(url, changes)
    page.post(url, {"enabled": "0"})
    model.refresh_from_db()
    gone = page.post(f"{url}delete/")

    assert (model.label, model.context_size, model.efforts) == ("Llama", 8192, ["low", "high"])
    assert (str(model.input_price), model.cached_input_price) == ("0.500000", None)
    assert (model.enabled, model.uses_tools, model.sees_images) == (False, True, False)
    assert (gone.status_code, LanguageModel.objects.count()) == (302, 0)


def test_default_and_stand_ins_are_saved(page: Client, alice: User) -> None:
    model = make_model(alice, PUBLIC)
    data = {"default_model": model.shown_id, "fallback": ["demo", "", "demo"]}

    page.post(f"{PAGE}choice/", data)

    kept = ModelPreference.objects.get(owner=alice)
    assert (kept.default_model, kept.fallbacks) == (model.shown_id, ["demo"])
    assert page.post(f"{PAGE}choice/", {"default_model": "nope"}).status_code == 400


def test_nobody_touches_somebody_elses(other: Client, alice: User) -> None:
    model = make_model(alice, PUBLIC)
    provider = f"{PAGE}providers/{model.provider_id}/"
    for path in (provider, *(f"{provider}{verb}/" for verb in ("delete", "test", "fetch", "add"))):
        assert other.post(path, {"name": "x"}).status_code == 404
    for path in (f"{PAGE}{model.pk}/", f"{PAGE}{model.pk}/delete/", f"{PAGE}{model.pk}/test/"):
        assert other.post(path).status_code == 404
    assert model.shown_id not in other.get(PAGE).content.decode()


def test_everybodys_are_seen_and_not_changed(page: Client) -> None:
    model = make_model(None, "http://10.0.0.7/v1", "ours")
    body = page.get(PAGE).content.decode()

    assert "For everybody" in body and model.shown_id in body
    assert "10.0.0.7" not in body
    assert page.post(f"{PAGE}{model.pk}/", {"enabled": "0"}).status_code == 404
    assert page.post(f"{PAGE}providers/{model.provider_id}/delete/").status_code == 404


def test_those_of_the_environment_are_shown_by_their_variable(page: Client, settings) -> None:
    settings.ANTHROPIC_API_KEY = "sk-ant-very-secret"
    body = page.get(PAGE).content.decode()

    assert "<code>ANTHROPIC_API_KEY</code>" in body
    assert "anthropic:claude-sonnet-5-5" in body
    assert "very-secret" not in body


def test_strangers_are_led_to_the_sign_in(client: Client, db: None) -> None:
    assert client.get(PAGE).status_code == 302
    assert client.post(f"{PAGE}providers/", GROQ).status_code == 302
    assert Provider.objects.count() == 0


def test_without_a_csrf_token_nothing_is_added(alice: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    assert strict.post(f"{PAGE}providers/", GROQ).status_code == 403


# The composer's choices and the page's address.


@pytest.fixture
def model(alice: User) -> LanguageModel:
    made = make_model(alice, PUBLIC, "gpt-5")
    return language_models.change(made, {"efforts": ["low", "medium"], "label": "Five"})


def test_the_address_chooses_model_effort_fixing_and_panel(
    page: Client, alice: User, model: LanguageModel
) -> None:
    conversation = make_conversation(alice)
    query = f"?modelId={model.shown_id}&effort=medium&fix-errors=false&tab=code"
    for path in ("/new/", f"/c/{conversation.pk}/"):
        body = " ".join(page.get(path + query).content.decode().split())
        assert f'value="{model.shown_id}" data-efforts="low medium" selected' in body
        assert 'name="effort" value="medium" checked' in body
        assert 'name="fix_errors" value="1" checked' not in body
        assert 'data-view="code" data-tab="code"' in body


def test_the_way_in_takes_the_address_along(page: Client, alice: User) -> None:
    conversation = make_conversation(alice)
    response = page.get("/?effort=medium&tab=logs")
    assert response["Location"] == f"/c/{conversation.pk}/?effort=medium&tab=logs"


@pytest.mark.parametrize(
    "query", ["modelId=nope", "effort=much", "fix-errors=perhaps", "tab=%3Cscript%3E"]
)
def test_an_address_that_makes_no_sense_changes_nothing(
    page: Client, model: LanguageModel, query: str
) -> None:
    assert _without_tokens(page.get(f"/new/?{query}")) == _without_tokens(page.get("/new/"))


def test_a_conversation_keeps_model_effort_and_fixing(
    page: Client, alice: User, model: LanguageModel
) -> None:
    conversation = make_conversation(alice)
    chosen = {"model": model.shown_id, "effort": "medium", "fix_errors_shown": "1"}

    page.post(f"/c/{conversation.pk}/model/", chosen)

    conversation.refresh_from_db()
    assert (conversation.model, conversation.effort) == (model.shown_id, "medium")
    assert conversation.fix_errors is False
    body = page.get(f"/c/{conversation.pk}/").content.decode()
    assert 'name="effort" value="medium" checked' in body


def test_errors_are_fixed_unless_one_says_otherwise(page: Client, alice: User) -> None:
    assert 'name="fix_errors" value="1" checked' in page.get("/new/").content.decode()
    page.post("/new/send/", {"message": "Hello", "fix_errors_shown": "1"})
    assert conversations.list_for(alice).get().fix_errors is False


def test_a_message_brings_its_effort(page: Client, alice: User, model: LanguageModel) -> None:
    data = {"message": "Hello", "model": model.shown_id, "effort": "medium"}
    page.post("/new/send/", data)
    assert conversations.list_for(alice).get().turns.get().effort == "medium"


def test_models_are_sorted_by_label_and_the_demo_model_is_last(page: Client, alice: User) -> None:
    provider = make_provider(alice, PUBLIC)
    for name in ("zeta", "Alpha", "mid"):
        language_models.add(provider, name)
    body = page.get("/new/").content.decode()
    places = [body.index(f'value="{provider.slug}:{name}"') for name in ("Alpha", "mid", "zeta")]
    assert places == sorted(places) and places[-1] < body.index('value="demo"')


def test_without_a_provider_the_header_says_so_and_names_the_way(page: Client) -> None:
    body = page.get("/new/").content.decode()
    assert "No provider" in body
    assert "ANTHROPIC_API_KEY, OPENAI_API_KEY or OPENAI_BASE_URL" in body
    assert f'href="{PAGE}"' in body


def test_with_one_it_does_not(page: Client, model: LanguageModel) -> None:
    assert "No provider" not in page.get("/new/").content.decode()


def test_a_model_that_is_gone_is_told_in_the_header(
    page: Client, alice: User, model: LanguageModel
) -> None:
    conversation = make_conversation(alice)
    conversation.model = model.shown_id
    conversation.save()
    language_models.delete(model)
    body = page.get(f"/c/{conversation.pk}/").content.decode()
    assert "Model unavailable" in body
    assert f'<option value="{model.shown_id}"' in body


def test_a_model_whose_variable_is_not_set_names_it(page: Client) -> None:
    body = page.get("/new/?modelId=anthropic:claude-sonnet-5-5").content.decode()
    assert "Model unavailable" in body
    assert "Set ANTHROPIC_API_KEY in the environment" in body


def test_the_pill_comes_along_with_the_end_of_a_turn(alice: User) -> None:
    from chat.rendering.thread import state_partials

    conversation = make_conversation(alice)
    html = state_partials(conversation, make_turn(conversation, status="completed"))
    assert 'id="provider-status"' in html and "No provider" in html


def test_a_provider_that_failed_last_is_told_until_it_answers(
    page: Client, alice: User, model: LanguageModel
) -> None:
    conversation = make_conversation(alice)
    failed = make_turn(conversation, status="failed")
    failed.model = conversation.model = model.shown_id
    failed.error = {
        "title": "The provider did not accept the key",
        "detail": "Check it.",
        "action": "settings",
    }
    failed.save()
    conversation.save()
    told = page.get(f"/c/{conversation.pk}/").content.decode()
    answered = make_turn(conversation, status="completed")
    answered.model = model.shown_id
    answered.save()

    assert "Provider failed" in told and "did not accept the key. Check it." in told
    assert "Provider failed" not in page.get(f"/c/{conversation.pk}/").content.decode()


def _without_tokens(response) -> list[str]:
    lines = response.content.decode().splitlines()
    # Of the queue the time at which it was read.
    changing = ("csrf", "nonce", "data-order")
    return [line for line in lines if not any(word in line.lower() for word in changing)]
