"""Models that a conversation can use, and how to reach them.

Web processes list models from here, so nothing at import time loads the agent library; only
`build` does.
"""

from __future__ import annotations

from chat.agent.providers.building import build
from chat.agent.providers.catalogue import ModelChoice, configured, default_model_id, models
from chat.agent.providers.errors import ProviderError

__all__ = ["ModelChoice", "ProviderError", "build", "configured", "default_model_id", "models"]
