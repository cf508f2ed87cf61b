"""What every engine offers, whichever level its sandboxes have."""

from __future__ import annotations

from typing import Protocol

from .client import AgentClient
from .spec import Level, SandboxHandle, SandboxSpec


class Engine(Protocol):
    """Starts and ends sandboxes of one level. All calls block; all raise EngineError."""

    level: Level
    writable: bool  # whether a sandbox can have a system of its own and be root of it
    read_only_because: str  # why not

    def start(self, spec: SandboxSpec) -> SandboxHandle: ...

    def alive(self, handle: SandboxHandle) -> bool: ...

    def kill(self, handle: SandboxHandle) -> None: ...

    def agent(self, handle: SandboxHandle) -> AgentClient: ...
