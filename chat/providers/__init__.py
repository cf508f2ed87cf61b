"""Models that a conversation can use: which there are, and why one cannot be used.

Web processes read them, so nothing here loads the agent library; that builds its models in
`chat.agent.model_factory`.
"""

from __future__ import annotations

from chat.providers.catalogue import DEMO, ModelChoice, configured, default_model_id, models
from chat.providers.errors import ProviderError

__all__ = ["DEMO", "ModelChoice", "ProviderError", "configured", "default_model_id", "models"]
