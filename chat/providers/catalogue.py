"""Which models there are to choose from."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from chat.providers import recordings
from chat.providers.listing import names_at

DEMO = "demo"

# Shown when VIBE_OPENAI_MODELS or VIBE_ANTHROPIC_MODELS name none; the first is the default.
OPENAI_MODELS = ("gpt-6.1-sol", "gpt-6.1-terra", "gpt-6-luna", "gpt-5.6-luna")
ANTHROPIC_MODELS = ("claude-sonnet-5-5", "claude-opus-5-5", "claude-haiku-5-5")


@dataclass(frozen=True)
class ModelChoice:
    """A model to choose; `reason` says why it is not `available`."""

    id: str
    label: str
    provider: str
    available: bool = True
    reason: str = ""


def models() -> list[ModelChoice]:
    """Every model that the settings make usable; what needs no account comes last, the demo model
    before the recordings. May ask a local server."""
    return [*_custom(), *_anthropic(), *_openai(), _demo(), *_recorded()]


def default_model_id() -> str:
    """VIBE_DEFAULT_MODEL, else the first model of a configured provider, else the demo model."""
    if settings.DEFAULT_MODEL:
        return str(settings.DEFAULT_MODEL)
    return next((choice.id for choice in models() if choice.available), DEMO)


def configured() -> list[tuple[str, str]]:
    """(name, detail) of each provider that can be used, without any key; asks nobody."""
    found = []
    if settings.OPENAI_BASE_URL:
        found.append(("OpenAI-compatible", host_of(settings.OPENAI_BASE_URL)))
    elif settings.OPENAI_API_KEY:
        found.append(("OpenAI", "OPENAI_API_KEY is set"))
    if settings.ANTHROPIC_API_KEY:
        found.append(("Anthropic", "ANTHROPIC_API_KEY is set"))
    found.append(("Demo model", "built in: scripted, needs no account"))
    return found


def host_of(url: str) -> str:
    """Host and port of an address; its user, password and path are left out."""
    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2] or url


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
    return [ModelChoice(f"custom:{name}", name, host) for name in names]


def _openai() -> list[ModelChoice]:
    if settings.OPENAI_BASE_URL or not settings.OPENAI_API_KEY:
        return []
    names = settings.OPENAI_MODELS or OPENAI_MODELS
    return [ModelChoice(f"openai:{name}", name, "OpenAI") for name in names]


def _anthropic() -> list[ModelChoice]:
    if not settings.ANTHROPIC_API_KEY:
        return []
    names = settings.ANTHROPIC_MODELS or ANTHROPIC_MODELS
    return [ModelChoice(f"anthropic:{name}", name, "Anthropic") for name in names]


def _demo() -> ModelChoice:
    return ModelChoice(DEMO, "Demo model (scripted)", "Built in")


def _recorded() -> list[ModelChoice]:
    return [
        ModelChoice(
            one.model_id, f"Recorded: {one.title}", "Recorded sessions", not one.reason, one.reason
        )
        for one in recordings.listed()
    ]
