"""Models that a conversation can use: which there are, and why one cannot be used.

Web processes read them, so nothing here loads the agent library; that builds its models in
`chat.agent.model_factory`.
"""

from __future__ import annotations

from chat.providers.catalogue import configured, default_model_id, fallbacks, find, models
from chat.providers.choice import DEMO, EFFORTS, ModelChoice
from chat.providers.endpoint import Endpoint, endpoint_of
from chat.providers.errors import ProviderError

__all__ = [
    "DEMO",
    "EFFORTS",
    "Endpoint",
    "ModelChoice",
    "ProviderError",
    "configured",
    "default_model_id",
    "endpoint_of",
    "fallbacks",
    "find",
    "models",
]
