"""What one connection of a sandbox is let through to."""

from __future__ import annotations

import asyncio
from typing import Protocol

from .answers import Refusal, not_allowed
from .decision import Decision
from .dial import Dialler
from .policy import Policy
from .relay import Stream
from .traffic import Traffic


class Door(Protocol):
    """What decides over a sandbox's connections, and keeps a journal of them."""

    policy: Policy
    look_ups: asyncio.Semaphore
    traffic: Traffic

    async def decide(self, host: str, port: int) -> Decision: ...

    def note(self, host: str, port: int, allowed: bool, reason: str) -> None: ...


class Passage:
    """`host`, `port` and `decision` are of what it leads to now; None before that."""

    def __init__(self, door: Door, dialler: Dialler) -> None:
        self._door = door
        self._dialler = dialler
        self.host: str | None = None
        self.port = 0
        self.decision: Decision | None = None

    @property
    def policy(self) -> Policy:
        """The one that is in force now."""
        return self._door.policy

    def note(self, host: str, port: int, allowed: bool, reason: str) -> None:
        self._door.note(host, port, allowed, reason)

    async def admit(self, host: str, port: int) -> Decision:
        """The decision of the policy, noted; raises Refusal when it says no."""
        decision = await self._door.decide(host, port)
        mode = self.policy.mode
        if not decision.allowed:
            self.note(host, port, False, "not in the policy")
            raise not_allowed(host, port, mode)
        self.host, self.port, self.decision = host, port, decision
        return decision

    async def reach(self, host: str, port: int, decision: Decision) -> Stream:
        """Connect to what was admitted; the outcome is noted. Raises Refusal."""
        mode = self.policy.mode
        try:
            addresses = await self._dialler.permitted(
                decision, host, mode, port, self._door.look_ups
            )
        except Refusal as refusal:
            self.note(host, port, False, refusal.reason)
            raise
        self.note(host, port, True, decision.because)
        return await self._dialler.connect(addresses, host, port, self._door.traffic)

    async def secure(self, stream: Stream, host: str) -> None:
        """Speak TLS with what was reached; raises Refusal."""
        await self._dialler.secure(stream, host)
