"""The wire formats, and providers that are known by name."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

from chat.models import Provider

Wire = Provider.Wire

# Wire formats that servers speak which take OpenAI's chat completions.
LIKE_OPENAI = (Wire.OPENAI_CHAT, Wire.MISTRAL, Wire.GROQ, Wire.OPENROUTER)


@dataclass(frozen=True)
class Preset:
    """A provider that one chooses by name. `prices` is what genai-prices calls it."""

    name: str
    label: str
    wire: str
    base_url: str
    prices: str = ""
    key_needed: bool = True


PRESETS = (
    Preset("openai", "OpenAI", Wire.OPENAI_RESPONSES, "https://api.openai.com/v1", "openai"),
    Preset("anthropic", "Anthropic", Wire.ANTHROPIC, "https://api.anthropic.com", "anthropic"),
    Preset(
        "google",
        "Google Gemini",
        Wire.OPENAI_CHAT,
        "https://generativelanguage.googleapis.com/v1beta/openai",
        "google",
    ),
    Preset("mistral", "Mistral", Wire.MISTRAL, "https://api.mistral.ai/v1", "mistral"),
    Preset("groq", "Groq", Wire.GROQ, "https://api.groq.com/openai/v1", "groq"),
    Preset(
        "openrouter", "OpenRouter", Wire.OPENROUTER, "https://openrouter.ai/api/v1", "openrouter"
    ),
    Preset(
        "google-native",
        "Google Gemini, its own format",
        Wire.GOOGLE,
        "https://generativelanguage.googleapis.com",
        "google",
    ),
    Preset(
        "bedrock",
        "Amazon Bedrock",
        Wire.BEDROCK,
        "https://bedrock-runtime.us-east-1.amazonaws.com",
        "aws",
    ),
    Preset(
        "ollama",
        "Ollama or another local server",
        Wire.OPENAI_CHAT,
        "http://localhost:11434/v1",
        key_needed=False,
    ),
)
BY_NAME = {preset.name: preset for preset in PRESETS}
# Addresses that the platform itself names: whoever enters one reaches a public provider.
_KNOWN = {preset.base_url: preset for preset in PRESETS if preset.key_needed}

# Python packages of formats that the agent library speaks only with help: (module, extra).
_EXTRAS = {Wire.GOOGLE: ("google.genai", "google"), Wire.BEDROCK: ("boto3", "bedrock")}


def preset_at(base_url: str) -> Preset | None:
    """The known provider with this address; regions of Bedrock count as one."""
    if base_url.startswith("https://bedrock-runtime.") and base_url.endswith(".amazonaws.com"):
        region = base_url.removeprefix("https://bedrock-runtime.").removesuffix(".amazonaws.com")
        return BY_NAME["bedrock"] if region.replace("-", "").isalnum() else None
    return _KNOWN.get(base_url)


def missing_package(wire: str) -> str:
    """What to do before a format can be spoken; empty when it can."""
    module, extra = _EXTRAS.get(Wire(wire), ("", ""))
    if not module or _is_there(module):
        return ""
    return (
        f"This wire format needs a package that is not installed: install "
        f"pydantic-ai-slim[{extra}] (the extra “{extra}” of this project) into the platform's "
        "environment and start it again."
    )


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False
