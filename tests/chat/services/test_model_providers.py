"""Providers and models as rows: what fits, whose they are, what stays closed and secret."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from chat import providers
from chat.models import LanguageModel, ModelPreference, Provider
from chat.providers import listing
from chat.providers.price import Price
from chat.providers.prices import price_of
from chat.providers.sizes import context_of_row, context_size
from chat.services.offered_models import language_models, model_providers
from tests.fixtures.models import KEY, make_model, make_provider
from vibe.accounts.models import User
from vibe.refusal import Refusal

PUBLIC = "https://models.example.com/v1"


@pytest.fixture(autouse=True)
def fresh():
    listing.forget()


def test_the_key_lies_sealed_and_only_its_end_is_kept_in_the_clear(alice: User) -> None:
    provider = make_provider(alice, PUBLIC)

    stored = str(Provider.objects.filter(pk=provider.pk).values().get())

    assert KEY not in stored
    assert (provider.key_end, KEY[-4:]) == ("WXYZ", "WXYZ")
    assert provider.sealed_key.startswith("gAAAA")


def test_of_a_short_key_nothing_is_shown(alice: User) -> None:
    assert make_provider(alice, PUBLIC, key="secret").key_end == ""


@pytest.mark.parametrize(
    "base_url",
    [
        "http://127.0.0.1:11434/v1", "http://localhost:8000/v1", "http://LOCALHOST./v1",
        "http://app.vibe.localhost/v1", "http://127.1/v1", "http://2130706433/v1",
        "http://0x7f000001/v1", "http://0/v1", "http://[::1]/v1", "http://[::ffff:127.0.0.1]/v1",
        "http://10.0.0.7/v1", "http://172.16.4.4/v1", "http://192.168.1.1/v1",
        "http://169.254.169.254/latest", "http://100.100.100.200/v1", "http://[fd00:ec2::254]/v1",
        "http://[fe80::1]/v1", "http://100.64.0.1/v1", "http://0.0.0.0/v1", "http://224.0.0.1/v1",
    ],
)  # fmt: skip
def test_a_users_own_address_must_be_public(alice: User, base_url: str) -> None:
    with pytest.raises(Refusal) as refused:
        make_provider(alice, base_url)

    assert refused.value.code == "denied"
    assert "VIBE_MODELS_PRIVATE" in refused.value.hint
    assert Provider.objects.count() == 0


def test_an_address_cannot_be_changed_into_a_closed_one(alice: User) -> None:
    provider = make_provider(alice, PUBLIC)

    with pytest.raises(Refusal):
        model_providers.change(provider, {"base_url": "http://10.0.0.7/v1", "key": "sk-other"})


def test_the_operator_opens_private_addresses_by_a_setting(alice: User, settings) -> None:
    settings.MODELS_PRIVATE = True

    assert make_provider(alice, "http://10.0.0.7/v1").base_url == "http://10.0.0.7/v1"


def test_the_operators_own_may_be_local(db: None) -> None:
    root = User.objects.create_superuser("root")

    make_provider(root, "http://localhost:11434/v1")
    make_provider(None, "http://localhost:11434/v1")


@pytest.mark.parametrize(
    "base_url",
    [
        "", "models.example.com/v1", "ftp://models.example.com", "file:///etc/passwd",
        "https://user:secret@models.example.com/v1", "https://models.example.com/v1?key=1",
        "https://models.example.com/v1#x", "https://models.example.com:99999/v1",
        "https://models.example.com/a b", "https://models.example.com\\@10.0.0.1/",
        "https://" + "a" * 500, "https://mödels.example.com/v1", "https://",
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(alice: User, base_url: str) -> None:
    with pytest.raises(Refusal) as refused:
        make_provider(alice, base_url)

    assert refused.value.code == "invalid"


def test_bedrock_is_reached_at_amazons_addresses_alone(alice: User) -> None:
    with pytest.raises(Refusal):
        make_provider(alice, PUBLIC, wire="bedrock")
    with pytest.raises(Refusal):
        make_provider(alice, "https://bedrock-runtime.evil.com/.amazonaws.com", wire="bedrock")

    make_provider(alice, "https://bedrock-runtime.eu-central-1.amazonaws.com", wire="bedrock")


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "schlüssel", "k" * 1001])
def test_a_key_that_would_not_fit_into_a_header_is_refused(alice: User, key: str) -> None:
    with pytest.raises(Refusal):
        make_provider(alice, PUBLIC, key=key)


def test_another_server_needs_the_key_anew(alice: User) -> None:
    provider = make_provider(alice, PUBLIC)

    with pytest.raises(Refusal) as refused:
        model_providers.change(provider, {"base_url": "https://evil.example.org/v1"})
    provider.refresh_from_db()
    kept = provider.base_url
    model_providers.change(provider, {"base_url": "https://evil.example.org/v1", "key": "sk-new"})

    assert "another server" in refused.value.message
    assert kept == PUBLIC


def test_a_user_keeps_so_many_providers_and_models(alice: User, settings) -> None:
    settings.PROVIDERS_PER_USER = settings.MODELS_PER_USER = 1
    provider = make_provider(alice, PUBLIC)
    language_models.add(provider, "one")

    with pytest.raises(Refusal) as providers_full:
        make_provider(alice, PUBLIC)
    with pytest.raises(Refusal) as models_full:
        language_models.add(provider, "two")

    assert providers_full.value.code == models_full.value.code == "limit"


def test_who_may_use_which_model_is_answered_in_one_place(alice: User, bob: User) -> None:
    mine = make_model(alice, PUBLIC, "mine")
    his = make_model(bob, PUBLIC, "his")
    ours = make_model(None, "https://other.example.com/v1", "ours")

    def listed(user: User) -> list[str]:
        ids = [one.id for one in providers.models(user)]
        return [one for one in ids if not one.startswith("recorded:")]

    assert listed(alice) == [mine.shown_id, ours.shown_id, "demo"]
    assert listed(bob) == [his.shown_id, ours.shown_id, "demo"]
    assert providers.find(alice, his.shown_id) is None
    assert providers.default_model_id(alice) == mine.shown_id


def test_what_is_disabled_is_not_offered(alice: User) -> None:
    model = make_model(alice, PUBLIC)
    language_models.change(model, {"enabled": False})

    assert providers.find(alice, model.shown_id) is None
    with pytest.raises(providers.ProviderError):
        providers.endpoint_of(model.shown_id, alice)


def test_the_default_and_the_stand_ins_must_be_ones_own_to_use(alice: User, bob: User) -> None:
    his = make_model(bob, PUBLIC)

    with pytest.raises(Refusal):
        language_models.prefer(alice, default_model=his.shown_id)
    with pytest.raises(Refusal):
        language_models.prefer(alice, fallbacks=[his.shown_id])

    assert ModelPreference.objects.count() == 0


def test_a_default_that_is_gone_is_passed_over(alice: User) -> None:
    model = make_model(alice, PUBLIC)
    language_models.prefer(alice, default_model=model.shown_id, fallbacks=["demo"])
    before = providers.default_model_id(alice)
    model_providers.delete(model.provider)

    assert before == model.shown_id
    assert providers.default_model_id(alice) == "demo"
    assert providers.fallbacks(alice) == ["demo"]


def test_everybodys_default_goes_before_the_environments(alice: User, settings) -> None:
    settings.ANTHROPIC_API_KEY = "sk-ant-secret"
    ours = make_model(None, PUBLIC, "ours")
    language_models.prefer(None, default_model=ours.shown_id)

    assert providers.default_model_id(alice) == ours.shown_id
    language_models.prefer(alice, default_model="demo")
    assert providers.default_model_id(alice) == "demo"


def test_there_is_one_choice_for_everybody(alice: User) -> None:
    language_models.prefer(None, default_model="demo")
    language_models.prefer(None, fallbacks=["demo"])

    kept = ModelPreference.objects.get(owner=None)
    assert (kept.default_model, kept.fallbacks) == ("demo", ["demo"])


def test_prices_are_the_published_ones_until_somebody_says_otherwise(alice: User) -> None:
    model = make_model(alice, "https://api.anthropic.com", "claude-sonnet-4-5", wire="anthropic")
    published = price_of(model.shown_id)
    language_models.change(model, {"input_price": "1.25"})
    said = price_of(model.shown_id)

    assert published is not None and said is not None
    assert (published.input, published.output) == (Decimal(3), Decimal(15))
    assert published.cached_input < published.input < published.cache_write
    assert (said.input, said.output) == (Decimal("1.25"), Decimal(15))


def test_what_somebody_says_holds_for_long_requests_too(alice: User) -> None:
    model = make_model(alice, "https://api.openai.com/v1", "gpt-6.1-sol")
    language_models.change(model, {"input_price": "1.25"})
    price = price_of(model.shown_id)

    assert price is not None and price.long is not None
    assert (price.input, price.long.input) == (Decimal("1.25"), Decimal("1.25"))
    assert price.long.output > price.output


def test_a_price_that_only_its_owner_knows_is_the_cache_s_too(alice: User) -> None:
    model = make_model(alice, PUBLIC, "own")
    language_models.change(model, {"input_price": "2", "output_price": "8"})
    price = price_of(model.shown_id)

    assert price == Price(Decimal(2), Decimal(8), Decimal(2), Decimal(2))


def test_a_server_that_nobody_knows_has_no_published_price(alice: User, settings: Any) -> None:
    model = make_model(alice, PUBLIC, "gpt-5")

    assert price_of(model.shown_id) is None
    assert context_of_row(model) is None


def test_models_of_the_environment_have_published_prices_and_sizes(db: None) -> None:
    price = price_of("openai:gpt-5")

    assert price is not None and (price.input, price.output) == (Decimal("1.25"), Decimal(10))
    assert context_size("openai:gpt-5") == 400_000
    assert price_of("openai:there-is-none-such") is None
    assert price_of("demo") is not None


@pytest.mark.parametrize(
    "changes",
    [
        {"input_price": "-1"}, {"input_price": "NaN"}, {"input_price": "a lot"},
        {"input_price": "1e99"}, {"context_size": "-5"}, {"context_size": True},
        {"context_size": 10**12}, {"efforts": ["much"]}, {"efforts": "low"}, {"label": "  "},
        {"owner": 1},
    ],
)  # fmt: skip
def test_what_does_not_fit_a_model_is_refused(alice: User, changes: dict) -> None:
    model = make_model(alice, PUBLIC)

    with pytest.raises(Refusal):
        language_models.change(model, changes)


@pytest.mark.parametrize("name", ["", " ", "two words", "x" * 151, "line\nbreak"])
def test_a_name_that_is_none_is_refused(alice: User, name: str) -> None:
    with pytest.raises(Refusal):
        language_models.add(make_provider(alice, PUBLIC), name)


def test_a_model_is_entered_once(alice: User) -> None:
    model = make_model(alice, PUBLIC)

    with pytest.raises(Refusal) as refused:
        language_models.add(model.provider, model.name)

    assert refused.value.code == "conflict"
    assert LanguageModel.objects.count() == 1


def test_a_missing_package_is_named(alice: User) -> None:
    model = make_model(
        alice, "https://bedrock-runtime.us-east-1.amazonaws.com", "claude", wire="bedrock"
    )

    choice = providers.find(alice, model.shown_id)

    assert choice is not None and not choice.available
    assert "pydantic-ai-slim[bedrock]" in choice.reason


def test_names_of_providers_of_all_do_not_take_those_of_the_environment(db: None) -> None:
    slugs = {make_provider(None, PUBLIC, name=name).slug for name in ("OpenAI", "Groq", "Demo")}

    assert "groq" in slugs
    assert not slugs & {"openai", "demo"}
