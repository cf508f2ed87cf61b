from __future__ import annotations

from tests.chat.agent.conftest import conversation, hurry, parts, say
from tests.fixtures.worker import owner, sandbox_worker

__all__ = ["conversation", "hurry", "owner", "parts", "sandbox_worker", "say"]
