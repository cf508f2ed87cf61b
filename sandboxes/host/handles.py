"""Where a session's sandbox is to be found on its node, and who speaks for it there."""

from __future__ import annotations

from sandboxes.engine import AgentClient, Engine, SandboxHandle, levels
from sandboxes.models import SandboxSession


def handle_of(session: SandboxSession) -> SandboxHandle | None:
    """What its start has left to find it by; None before it has started."""
    return SandboxHandle(**session.handle) if session.handle else None


def engine_of(handle: SandboxHandle) -> Engine:
    """The engine that a running sandbox was started with."""
    return levels.of_level(handle.level)


def agent_of(handle: SandboxHandle) -> AgentClient:
    """The agent that answers inside. Nothing is sent yet, so this cannot fail."""
    return engine_of(handle).agent(handle)
