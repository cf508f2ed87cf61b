"""Which models see images, judged by their names: none of their providers tells."""

from __future__ import annotations

import re

from chat.providers.catalogue import DEMO

# Of the providers' own models: those that only read.
_BLIND = re.compile(
    r"gpt-3\.5|gpt-4(-\d{4})?$|o1-(mini|preview)|o3-mini|codex-mini|instant|claude-2"
)
# What any server may offer: names that tell of sight, and families that have it.
_SEEING = re.compile(
    r"vision|llava|moondream|pixtral|minicpm-?[vo]|internvl|cogvlm|molmo"
    r"|(^|[^a-z])(vl|omni)([^a-z]|$)|gemma-?[34]|llama-?4|mistral-(small-?3|medium-?3|large-?3)"
    r"|gpt-4o|gpt-4\.1|gpt-4-turbo|gpt-[5-9]|claude-(3|[a-z]+-)|gemini|grok-[4-9]"
)


def sees_images(model_id: str) -> bool:
    """Whether images can be sent to the model of this id; in doubt not, since a model that does
    not take them refuses the whole request."""
    provider, _, name = model_id.lower().partition(":")
    if model_id == DEMO or not name:
        return False
    if provider in ("openai", "anthropic"):
        return not _BLIND.search(name)
    return bool(_SEEING.search(name)) and not _BLIND.search(name)
