"""Builds the agent library's model object of a model id."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from django.conf import settings

from chat.agent.effort import effort_settings
from chat.providers import DEMO, Endpoint, endpoint_of
from chat.providers.environment import host_of
from chat.providers.recordings import RECORDED
from chat.providers.requests import ANTHROPIC_URL
from chat.providers.wires import Wire
from chat.tools.context import call

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
async def opened(
    model_id: str, owner_id: int | None = None, effort: str = ""
) -> AsyncGenerator[Model]:
    """The model of this id, as this user may use it, for one run in the present event loop, its
    answers made well-formed. What is set of it is read now.

    Raises ProviderError when there is none for him, or its provider is not configured.
    """
    from chat.agent.wire.client import client

    endpoint = await call(endpoint_of, model_id, owner_id)
    async with client(guarded=endpoint.guarded) as http, build(endpoint, http, effort) as model:
        yield model


def build(endpoint: Endpoint, http: AsyncClient | None = None, effort: str = "") -> Model:
    """The model of the endpoint; it asks its provider by `http`, or else by a client of its own."""
    made = _settings(endpoint, effort)
    match endpoint.wire:
        case str(wire) if wire == DEMO:
            from chat.agent.demo.model import demo_model

            return demo_model()
        case str(wire) if wire == RECORDED:
            from chat.agent.recorded.model import recorded_model

            return recorded_model(endpoint.name)
        case Wire.OPENAI_RESPONSES:
            return _openai(endpoint, http, made)
        case Wire.ANTHROPIC:
            return _anthropic(endpoint, http, made)
        # Names there are VENDOR/MODEL; the library takes no others.
        case Wire.OPENROUTER if "/" in endpoint.name:
            return _openrouter(endpoint, http, made)
        case Wire.GOOGLE:
            return _google(endpoint, http, made)
        case Wire.BEDROCK:
            return _bedrock(endpoint, made)
    return _like_openai(endpoint, http, made)


def _settings(endpoint: Endpoint, effort: str) -> ModelSettings:
    made: dict[str, Any] = {
        "timeout": SILENCE,
        "first_event_timeout": SILENCE,
        "max_retries": RETRIES,
    }
    if endpoint.output_limit:
        made["max_tokens"] = endpoint.output_limit
    made |= effort_settings(endpoint.wire, effort, endpoint.efforts)
    return cast("ModelSettings", made)


def _openai(endpoint: Endpoint, http: AsyncClient | None, made: ModelSettings) -> Model:
    from pydantic_ai.models.openai import OpenAIResponsesModel
    from pydantic_ai.providers.openai import OpenAIProvider

    # The address is given, or the library would read OPENAI_BASE_URL by itself.
    address = endpoint.base_url or OPENAI_URL
    provider = OpenAIProvider(base_url=address, api_key=endpoint.key or "none", http_client=http)
    asked: dict[str, Any] = {**made}
    # Servers that only speak the format may refuse what they do not know.
    if host_of(address) == host_of(OPENAI_URL):
        if settings.OPENAI_TIER:
            asked["openai_service_tier"] = settings.OPENAI_TIER
        if settings.OPENAI_SUMMARIES and endpoint.efforts:
            asked["openai_reasoning_summary"] = "auto"
    return OpenAIResponsesModel(
        endpoint.name, provider=provider, settings=cast("ModelSettings", asked)
    )


def _like_openai(endpoint: Endpoint, http: AsyncClient | None, made: ModelSettings) -> Model:
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

    provider = OpenAICompatibleProvider(
        host_of(endpoint.base_url),
        base_url=endpoint.base_url,
        # Servers that need no key still want to be sent one.
        api_key=endpoint.key or "none",
        http_client=http,
    )
    return OpenAIChatModel(endpoint.name, provider=provider, settings=made)


def _openrouter(endpoint: Endpoint, http: AsyncClient | None, made: ModelSettings) -> Model:
    from openai import AsyncOpenAI
    from pydantic_ai.models.openrouter import OpenRouterModel
    from pydantic_ai.providers.openrouter import OpenRouterProvider

    asked_by = AsyncOpenAI(base_url=endpoint.base_url, api_key=endpoint.key, http_client=http)
    provider = OpenRouterProvider(openai_client=asked_by)
    return OpenRouterModel(endpoint.name, provider=provider, settings=made)


def _anthropic(endpoint: Endpoint, http: AsyncClient | None, made: ModelSettings) -> Model:
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    provider = AnthropicProvider(
        api_key=endpoint.key or "none",
        base_url=endpoint.base_url.rstrip("/").removesuffix("/v1") or None,
        http_client=http,
    )
    asked: dict[str, Any] = {"max_tokens": ANTHROPIC_MAX_TOKENS, **made, "cache": True}
    # Else each argument of a call comes at once when it is whole, and no file is seen to grow.
    # Servers that only speak the format may refuse what they do not know.
    if host_of(endpoint.base_url or ANTHROPIC_URL) == host_of(ANTHROPIC_URL):
        asked["anthropic_eager_input_streaming"] = True
    return AnthropicModel(endpoint.name, provider=provider, settings=cast("ModelSettings", asked))


def _google(endpoint: Endpoint, http: AsyncClient | None, made: ModelSettings) -> Model:
    from pydantic_ai.models.google import GoogleModel
    from pydantic_ai.providers.google import GoogleProvider

    provider = GoogleProvider(
        api_key=endpoint.key, base_url=endpoint.base_url or None, http_client=http
    )
    return GoogleModel(endpoint.name, provider=provider, settings=made)


def _bedrock(endpoint: Endpoint, made: ModelSettings) -> Model:
    """Its SDK has an HTTP client of its own, so this format is only for addresses of Amazon's."""
    from pydantic_ai.models.bedrock import BedrockConverseModel
    from pydantic_ai.providers.bedrock import BedrockProvider

    region = (urlsplit(endpoint.base_url).hostname or "").split(".")[1:2]
    provider = BedrockProvider(
        api_key=endpoint.key,
        base_url=endpoint.base_url,
        region_name=region[0] if region else "us-east-1",
    )
    return BedrockConverseModel(endpoint.name, provider=provider, settings=made)
