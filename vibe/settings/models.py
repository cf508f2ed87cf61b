"""The models that chats may use, and their providers."""

from __future__ import annotations

from vibe import env
from vibe.settings.state import DATA_DIR

OPENAI_API_KEY = env.secret("OPENAI_API_KEY", help="Key of OpenAI or of a compatible server.")
OPENAI_BASE_URL = env.text(
    "OPENAI_BASE_URL", help="Address of an OpenAI-compatible server (Ollama, LM Studio, gateways)."
)
OPENAI_TIER = env.text("VIBE_OPENAI_TIER", help="Service tier to ask OpenAI for, as priority.")
OPENAI_SUMMARIES = env.flag(
    "VIBE_OPENAI_SUMMARIES", help="Ask OpenAI for summaries of its models' thoughts."
)
ANTHROPIC_API_KEY = env.secret("ANTHROPIC_API_KEY", help="Key of Anthropic.")
ANTHROPIC_BASE_URL = env.text(
    "ANTHROPIC_BASE_URL", help="Address of an Anthropic-compatible server."
)
OPENAI_MODELS = env.listing("VIBE_OPENAI_MODELS", help="Models to offer of OpenAI's wire format.")
ANTHROPIC_MODELS = env.listing("VIBE_ANTHROPIC_MODELS", help="Models to offer of Anthropic.")
DEFAULT_MODEL = env.text("VIBE_DEFAULT_MODEL", help="Model of a new conversation.")
MAX_STEPS = env.integer("VIBE_MAX_STEPS", 20, help="Model steps that one turn may take.")
CONTEXT_SIZE = env.integer(
    "VIBE_CONTEXT_SIZE", 128_000, help="Tokens that a model takes of which nobody says how many."
)
COMPACT_AT = env.integer(
    "VIBE_COMPACT_AT",
    75,
    help="Percent of a model's context from which earlier turns are summed up; 0: never.",
)
CHECK_TURNS = env.flag(
    "VIBE_CHECK_TURNS", True, help="Check the app at the end of each turn that has changed it."
)
SKILLS_DIR = env.text("VIBE_SKILLS_DIR", help="Directory of skills that all users have.")
DEMO_DELAY_MS = env.integer(
    "VIBE_DEMO_DELAY_MS", 12, help="Milliseconds between two words of the demo model."
)
RECORDINGS_DIR = env.path(
    "VIBE_RECORDINGS_DIR",
    DATA_DIR / "recordings",
    help="Directory of recorded sessions, beside those that come with Vibe.",
)
MODELS_PRIVATE = env.flag(
    "VIBE_MODELS_PRIVATE",
    help="Let users' own providers lie at private addresses and on this machine.",
)
TOOL_SERVERS_PRIVATE = env.flag(
    "VIBE_TOOL_SERVERS_PRIVATE",
    help="Let users' own servers of tools lie at private addresses and on this machine.",
)
