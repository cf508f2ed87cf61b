"""What a model can do, as far as its name and its wire format tell; owners can say better."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chat.providers.wires import Wire

_OPENAI_THINKS = re.compile(r"^(?:gpt-(?:[5-9]|\d\d|oss)|o[1-9]|codex)(?![a-z])")
_CLAUDE_THINKS = re.compile(r"claude-(?:(?:opus|sonnet|haiku)-[4-9]|3-7|fable|mythos)")
_GEMINI_THINKS = re.compile(r"gemini-(?:2\.5|[3-9])")
# Names that tell of sight, families that have it, and their elder members, which have not.
_SEES = re.compile(
    r"vision|llava|moondream|pixtral|minicpm-?[vo]|internvl|cogvlm|molmo"
    r"|(?:^|[^a-z])(?:vl|omni)(?:[^a-z]|$)|gemma-?[34]|llama-?4|mistral-(?:small|medium|large)-?3"
    r"|mistral-(?:small|medium|large)-latest|^o[134]|gpt-4o|gpt-4\.1|gpt-4-turbo|gpt-[5-9]"
    r"|claude|gemini|grok-[4-9]"
)
_BLIND = re.compile(
    r"gpt-3\.5|gpt-4(?:-\d{4})?$|o1-(?:mini|preview)|o3-mini|codex-mini|claude-(?:instant|2)"
)
# Formats whose servers take OpenAI's word for effort; of others nobody knows.
_TAKES_EFFORT = (Wire.OPENAI_RESPONSES, Wire.OPENROUTER, Wire.GROQ)


@dataclass(frozen=True)
class Capabilities:
    sees_images: bool = False
    efforts: tuple[str, ...] = ()


def guessed(wire: str, name: str) -> Capabilities:
    """Of the model with this name at the provider."""
    bare = name.lower().rpartition("/")[2]
    sees = bool(_SEES.search(bare)) and not _BLIND.search(bare)
    if wire in (Wire.ANTHROPIC, Wire.BEDROCK) and _CLAUDE_THINKS.search(bare):
        return Capabilities(sees, ("auto", "low", "medium", "high"))
    if wire == Wire.GOOGLE and _GEMINI_THINKS.search(bare):
        return Capabilities(sees, ("auto", "low", "medium", "high"))
    if wire in _TAKES_EFFORT and _OPENAI_THINKS.search(bare):
        return Capabilities(sees, ("low", "medium", "high"))
    return Capabilities(sees)
