"""The hosts that the policy `registries` stands for, as found on this machine."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from .domains import best_pattern

WAIT_SECONDS = 20.0


@dataclass(frozen=True)
class Registry:
    """One host that package managers fetch from.

    `pattern` as in policies. `source` says where it was found, for people. `trusted`: this
    machine's own configuration names it, so it may lie in a private network. `headers` are the
    credentials for it, which the proxy adds to reading requests; they never enter a sandbox.
    """

    pattern: str
    source: str
    trusted: bool = False
    headers: dict[str, str] = field(default_factory=dict, repr=False)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Registries:
    """All of them, for looking one up."""

    def __init__(self, registries: Iterable[Registry] = ()) -> None:
        self.by_pattern: dict[str, Registry] = {}
        for registry in registries:
            known = self.by_pattern.get(registry.pattern)
            if known is None or (registry.trusted and not known.trusted):
                self.by_pattern[registry.pattern] = registry
        self._patterns = list(self.by_pattern)

    def find(self, host: str, port: int) -> Registry | None:
        pattern = best_pattern(self._patterns, host, port)
        return self.by_pattern[pattern] if pattern else None

    def patterns(self) -> list[str]:
        return sorted(self.by_pattern)


class FoundRegistries:
    """What has been found so far, for who looks and for who would rather wait."""

    def __init__(self) -> None:
        self.now = Registries()
        self._known = asyncio.Event()

    def set(self, registries: Registries) -> None:
        self.now = registries
        self._known.set()

    async def wait(self) -> None:
        """Until something has been found, some seconds at most."""
        if not self._known.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(WAIT_SECONDS):
                    await self._known.wait()
