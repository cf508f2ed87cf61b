"""The hosts that the policy `registries` stands for, as found on this machine."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from .domains import best_pattern, covers
from .login import Login

WAIT_SECONDS = 20.0


@dataclass(frozen=True)
class Registry:
    """One host that package managers fetch from.

    `pattern` as in policies. `source` says where it was found, for people. `trusted`: this
    machine's own configuration names it, so it may lie in a private network. `logins` are the
    credentials for it, which the proxy adds to reading requests; they never enter a sandbox.
    """

    pattern: str
    source: str
    trusted: bool = False
    logins: tuple[Login, ...] = field(default=(), repr=False)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, entry: dict[str, Any]) -> Registry:
        """Of what `as_json` gave. Raises ValueError for what has another form."""
        try:
            logins = tuple(Login(**login) for login in entry.get("logins", ()))
            return cls(**{**entry, "logins": logins})
        except (TypeError, AttributeError):
            # Nothing of it is quoted: there may be credentials in it.
            raise ValueError("an entry about a registry has another form") from None


def merged(registries: Iterable[Registry]) -> list[Registry]:
    """One for each pattern, the trusted one if there is one, with the credentials of all."""
    kept: dict[str, Registry] = {}
    for registry in registries:
        known = kept.get(registry.pattern)
        if known is None:
            kept[registry.pattern] = registry
            continue
        first = registry if registry.trusted and not known.trusted else known
        logins = tuple(dict.fromkeys((*known.logins, *registry.logins)))
        kept[registry.pattern] = replace(first, logins=logins)
    return list(kept.values())


class Registries:
    """All of them, for looking one up."""

    def __init__(self, registries: Iterable[Registry] = ()) -> None:
        self.by_pattern = {registry.pattern: registry for registry in merged(registries)}
        self._patterns = list(self.by_pattern)
        self._logins: dict[tuple[str, int], tuple[Login, ...]] = {}
        for registry in self.by_pattern.values():
            for login in registry.logins:
                place = (login.host, login.port)
                self._logins[place] = (*self._logins.get(place, ()), login)

    def find(self, host: str, port: int) -> Registry | None:
        pattern = best_pattern(self._patterns, host, port)
        return self.by_pattern[pattern] if pattern else None

    def covers(self, host: str) -> bool:
        """Whether it is the host of one, at whatever port."""
        return any(covers(pattern, host) for pattern in self._patterns)

    def logins(self, host: str, port: int) -> tuple[Login, ...]:
        """The credentials for this very host and port."""
        return self._logins.get((host, port), ())

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
