"""Providers and models that environment variables give to everybody."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from chat.providers import recordings
from chat.providers.capabilities import guessed
from chat.providers.choice import DEMO, ModelChoice
from chat.providers.errors import ProviderError
from chat.providers.listing import names_at
from chat.providers.wires import Wire

# Shown when VIBE_OPENAI_MODELS or VIBE_ANTHROPIC_MODELS name none; the first is the default.
OPENAI_MODELS = ("gpt-6.1-sol", "gpt-6.1-terra", "gpt-6-luna", "gpt-5.6-luna")
ANTHROPIC_MODELS = ("claude-sonnet-5-5", "claude-opus-5-5", "claude-haiku-5-5")
NAMES = {"openai": "OpenAI", "anthropic": "Anthropic"}


@dataclass(frozen=True)
class EnvironmentProvider:
    """For people who look at what is set: never with a key."""

    name: str
    detail: str
    wire: str
    variable: str


def models() -> list[ModelChoice]:
    """Every model that the settings make usable, the demo model and the recordings last. May ask a
    local server."""
    return [*_custom(), *_anthropic(), *_openai(), _demo(), *recordings.choices()]


def providers() -> list[EnvironmentProvider]:
    """Those that can be used, without any key; asks nobody."""
    found = []
    if settings.OPENAI_BASE_URL:
        found.append(
            EnvironmentProvider(
                "OpenAI-compatible",
                host_of(settings.OPENAI_BASE_URL),
                Wire.OPENAI_CHAT.label,
                "OPENAI_BASE_URL",
            )
        )
    elif settings.OPENAI_API_KEY:
        found.append(
            EnvironmentProvider(
                "OpenAI", "OPENAI_API_KEY is set", Wire.OPENAI_RESPONSES.label, "OPENAI_API_KEY"
            )
        )
    if settings.ANTHROPIC_API_KEY:
        found.append(
            EnvironmentProvider(
                "Anthropic",
                "ANTHROPIC_API_KEY is set",
                Wire.ANTHROPIC.label,
                "ANTHROPIC_API_KEY",
            )
        )
    return found


def host_of(url: str) -> str:
    """Host and port of an address; its user, password and path are left out."""
    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2] or url


def wire_of(prefix: str) -> tuple[str, str, str]:
    """(wire format, address, key) behind the first half of an id; an empty address is the
    provider's own. Raises ProviderError when it is not set, KeyError when there is none such."""
    match prefix:
        case "openai":
            if not settings.OPENAI_API_KEY:
                raise _missing_key("OpenAI", "OPENAI_API_KEY")
            return Wire.OPENAI_RESPONSES, "", settings.OPENAI_API_KEY
        case "anthropic":
            if not settings.ANTHROPIC_API_KEY:
                raise _missing_key("Anthropic", "ANTHROPIC_API_KEY")
            return Wire.ANTHROPIC, settings.ANTHROPIC_BASE_URL, settings.ANTHROPIC_API_KEY
        case "custom":
            if not settings.OPENAI_BASE_URL:
                raise ProviderError(
                    "No OpenAI-compatible server is configured",
                    "Set OPENAI_BASE_URL to its address (for example http://localhost:11434/v1) "
                    "and restart, add it under Settings, Models, or choose another model.",
                    "settings",
                )
            return Wire.OPENAI_CHAT, settings.OPENAI_BASE_URL, settings.OPENAI_API_KEY
    raise KeyError(prefix)


def choice_named(model_id: str) -> ModelChoice | None:
    """The model of an id that begins as those of the environment do, listed or not; one whose
    provider is not set is not available."""
    if model_id == DEMO:
        return _demo()
    if recordings.is_recorded(model_id):
        return recordings.choice_named(model_id)
    prefix, _, name = model_id.partition(":")
    if not name:
        return None
    try:
        wire, base_url, _key = wire_of(prefix)
    except ProviderError as error:
        return ModelChoice(model_id, name, prefix, available=False, reason=error.detail)
    except KeyError:
        return None
    return _choice(prefix, name, NAMES.get(prefix) or host_of(base_url), wire)


def _choice(prefix: str, name: str, provider: str, wire: str) -> ModelChoice:
    able = guessed(wire, name)
    return ModelChoice(
        f"{prefix}:{name}",
        name,
        provider,
        efforts=able.efforts,
        sees_images=able.sees_images,
        uses_tools=True,
    )


def _custom() -> list[ModelChoice]:
    base = settings.OPENAI_BASE_URL
    if not base:
        return []
    host = host_of(base)
    names = settings.OPENAI_MODELS or names_at(base, settings.OPENAI_API_KEY)
    if not names:
        reason = (
            f"{host} did not tell its models. Start the server, or name them in VIBE_OPENAI_MODELS."
        )
        return [ModelChoice("custom:", f"Models of {host}", host, available=False, reason=reason)]
    return [_choice("custom", name, host, Wire.OPENAI_CHAT) for name in names]


def _openai() -> list[ModelChoice]:
    if settings.OPENAI_BASE_URL or not settings.OPENAI_API_KEY:
        return []
    names = settings.OPENAI_MODELS or OPENAI_MODELS
    return [_choice("openai", name, "OpenAI", Wire.OPENAI_RESPONSES) for name in names]


def _anthropic() -> list[ModelChoice]:
    if not settings.ANTHROPIC_API_KEY:
        return []
    names = settings.ANTHROPIC_MODELS or ANTHROPIC_MODELS
    return [_choice("anthropic", name, "Anthropic", Wire.ANTHROPIC) for name in names]


def _demo() -> ModelChoice:
    return ModelChoice(DEMO, "Demo model (scripted)", "Built in")


def _missing_key(provider: str, variable: str) -> ProviderError:
    return ProviderError(
        f"No key for {provider}",
        f"Set {variable} in the environment or in .env and restart, add the provider under "
        "Settings, Models, or choose another model.",
        "settings",
    )
