"""How hard a model is told to think, in the words of its wire format."""

from __future__ import annotations

from typing import Any

from chat.providers.wires import Wire

# As OpenAI's servers and those like them take it.
_OPENAI = {"off": "none"}


def effort_settings(wire: str, wanted: str, efforts: tuple[str, ...]) -> dict[str, Any]:
    """Settings of the agent library; nothing for a model that has no efforts, and for "auto".

    A wanted effort that the model does not have becomes its first.
    """
    if not efforts:
        return {}
    effort = wanted if wanted in efforts else efforts[0]
    if effort == "auto":
        return {}
    if wire in (Wire.OPENAI_CHAT, Wire.OPENAI_RESPONSES, Wire.MISTRAL, Wire.GROQ):
        return {"openai_reasoning_effort": _OPENAI.get(effort, effort)}
    # The library knows which of their models take a budget of tokens and which take a word.
    return {"thinking": False if effort == "off" else effort}
