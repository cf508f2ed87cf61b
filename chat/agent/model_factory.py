"""Builds the agent library's model object of a model id."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from django.conf import settings

from chat.providers import DEMO, ProviderError
from chat.providers.catalogue import host_of

if TYPE_CHECKING:
    from httpx2 import AsyncClient
    from pydantic_ai.models import Model
    from pydantic_ai.settings import ModelSettings

OPENAI_URL = "https://api.openai.com/v1"
# Seconds: how long a server may be silent (reasoning models are, for minutes).
SILENCE = 300.0
# More attempts after a refused connection, 429 or 5xx; a person waits meanwhile.
RETRIES = 2
# Of an answer; a whole web page fits in.
ANTHROPIC_MAX_TOKENS = 32_000


@asynccontextmanager
async def opened(model_id: str) -> AsyncGenerator[Model]:
    """The model of this id for one run in the present event loop, its answers made well-formed.

    Raises ProviderError as `build` does.
    """
    from chat.agent.wire.client import client

    async with client() as http, build(model_id, http) as model:
        yield model


def build(model_id: str, http: AsyncClient | None = None) -> Model:
    """The model of this id; it asks its provider by `http`, or else by a client of its own.

    Raises ProviderError when the id is unknown or its provider is not configured.
    """
    if model_id == DEMO:
        from chat.agent.demo.model import demo_model

        return demo_model()
    provider, _, name = model_id.partition(":")
    if not name:
        raise _unknown(model_id)
    match provider:
        case "openai":
            return _openai(name, http)
        case "anthropic":
            return _anthropic(name, http)
        case "custom":
            return _custom(name, http)
        case "recorded":
            from chat.agent.recorded.model import recorded_model

            return recorded_model(name)
        case _:
            raise _unknown(model_id)


def _model_settings() -> ModelSettings:
    return {"timeout": SILENCE, "first_event_timeout": SILENCE, "max_retries": RETRIES}


def _openai(name: str, http: AsyncClient | None) -> Model:
    if not settings.OPENAI_API_KEY:
        raise _missing_key("OpenAI", "OPENAI_API_KEY")
    from pydantic_ai.models.openai import OpenAIResponsesModel
    from pydantic_ai.providers.openai import OpenAIProvider

    # The address is given, or the library would read OPENAI_BASE_URL by itself.
    provider = OpenAIProvider(
        base_url=OPENAI_URL, api_key=settings.OPENAI_API_KEY, http_client=http
    )
    return OpenAIResponsesModel(name, provider=provider, settings=_model_settings())


def _custom(name: str, http: AsyncClient | None) -> Model:
    base = settings.OPENAI_BASE_URL
    if not base:
        raise ProviderError(
            "No OpenAI-compatible server is configured",
            "Set OPENAI_BASE_URL to its address (for example http://localhost:11434/v1), restart, "
            "or choose another model.",
            "settings",
        )
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

    provider = OpenAICompatibleProvider(
        host_of(base),
        base_url=base,
        # Servers that need no key still want to be sent one.
        api_key=settings.OPENAI_API_KEY or "none",
        http_client=http,
    )
    return OpenAIChatModel(name, provider=provider, settings=_model_settings())


def _anthropic(name: str, http: AsyncClient | None) -> Model:
    if not settings.ANTHROPIC_API_KEY:
        raise _missing_key("Anthropic", "ANTHROPIC_API_KEY")
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    provider = AnthropicProvider(
        api_key=settings.ANTHROPIC_API_KEY,
        base_url=settings.ANTHROPIC_BASE_URL or None,
        http_client=http,
    )
    limits: ModelSettings = {**_model_settings(), "max_tokens": ANTHROPIC_MAX_TOKENS, "cache": True}
    return AnthropicModel(name, provider=provider, settings=limits)


def _missing_key(provider: str, variable: str) -> ProviderError:
    return ProviderError(
        f"No key for {provider}",
        f"Set {variable} in the environment or in .env and restart, or choose another model.",
        "settings",
    )


def _unknown(model_id: str) -> ProviderError:
    return ProviderError(
        f"There is no model called {model_id[:100]!r}",
        "Choose one from the list next to the message box.",
        "choose_model",
    )
