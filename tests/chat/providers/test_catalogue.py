"""Which models there are to choose from, by the settings and by what servers list."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from chat import providers
from chat.providers import listing
from chat.providers.recordings import is_recorded


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    listing.forget()
    yield
    listing.forget()


def asking_providers() -> list[providers.ModelChoice]:
    """The models without the recorded sessions, which are there in any case."""
    return [choice for choice in providers.models() if not is_recorded(choice.id)]


def test_without_any_key_the_demo_model_is_the_only_and_default_one():
    assert [choice.id for choice in asking_providers()] == ["demo"]
    assert providers.default_model_id() == "demo"


@pytest.mark.parametrize(
    ("setting", "default"),
    [
        ("OPENAI_API_KEY", "openai:gpt-6.1-sol"),
        ("ANTHROPIC_API_KEY", "anthropic:claude-sonnet-5-5"),
    ],
)
def test_with_a_key_its_provider_is_the_default(settings, setting, default):
    setattr(settings, setting, "sk-secret")

    assert providers.default_model_id() == default
    assert "secret" not in str(providers.configured()) + str(providers.models())


def test_the_offered_models_can_be_set(settings):
    settings.ANTHROPIC_API_KEY = "k"
    settings.ANTHROPIC_MODELS = ["claude-one", "claude-two"]

    ids = [choice.id for choice in asking_providers()]

    assert ids == ["anthropic:claude-one", "anthropic:claude-two", "demo"]


def test_the_default_model_can_be_set(settings):
    settings.DEFAULT_MODEL = "anthropic:claude-nine"

    assert providers.default_model_id() == "anthropic:claude-nine"


def test_a_compatible_server_is_asked_for_its_models_once(settings, answering):
    settings.OPENAI_BASE_URL = answering(json.dumps({"data": [{"id": "llama"}, {"id": "qwen"}]}))
    settings.OPENAI_API_KEY = "sk-local"

    first = [choice.id for choice in asking_providers()]
    second = [choice.id for choice in asking_providers()]

    assert first == second == ["custom:llama", "custom:qwen", "demo"]
    assert answering.asked == [("/v1/models", "Bearer sk-local")]


@pytest.mark.parametrize("body", ["<html>", "[]", '{"data": 3}', '{"data": [3, {"id": 4}]}', ""])
def test_a_server_that_lists_nonsense_is_told_and_the_demo_model_stays(settings, answering, body):
    settings.OPENAI_BASE_URL = answering(body)

    silent, demo = asking_providers()

    assert not silent.available
    assert "VIBE_OPENAI_MODELS" in silent.reason
    assert providers.default_model_id() == demo.id == "demo"


def test_the_password_in_a_servers_address_is_not_shown(settings):
    settings.OPENAI_BASE_URL = "http://user:pass@127.0.0.1:9/v1"

    assert "pass" not in str(providers.models()) + str(providers.configured())


@pytest.mark.slow
def test_listing_models_does_not_load_the_agent_library():
    code = (
        "import django, os, sys; os.environ['DJANGO_SETTINGS_MODULE'] = 'vibe.settings'; "
        "django.setup(); from chat import providers; "
        "import chat.services.turns; "
        "providers.models(); providers.configured(); providers.default_model_id(); "
        "print([m for m in ('pydantic_ai', 'openai', 'anthropic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)

    assert done.stdout.strip() == "[]", done.stderr
