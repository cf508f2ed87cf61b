"""May this sandbox reach that host: the answer by name, before anything is resolved."""

from __future__ import annotations

from dataclasses import dataclass

from .domains import WEB_PORTS, as_address, best_pattern
from .policy import Match, Policy, Rule, Transform
from .registries import Registries

NAMED = {
    "deny-all": "no network at all",
    "registries": "package registries only",
    "internet": "every public host",
    "custom": "the listed hosts only",
}


@dataclass(frozen=True)
class Decision:
    """`within`: ranges that the address must lie in, None for any public one. `trusted`: see
    Registry. `rules` apply to each request, which has to be read for that."""

    allowed: bool
    because: str
    rules: tuple[Rule, ...] = ()
    within: tuple[str, ...] | None = None
    denied: tuple[str, ...] = ()
    trusted: bool = False


def decide(policy: Policy, registries: Registries, host: str, port: int) -> Decision:
    """`host` and `port` normalised. What resolving it gives has to be checked besides."""
    if policy.mode == "deny-all":
        return Decision(False, "deny-all")
    subnets = policy.subnets
    registry = registries.find(host, port)
    trusted = registry is not None and registry.trusted
    credentials = _with_credentials(registry.headers) if registry else ()
    listed = best_pattern(list(policy.allow), host, port)
    rules = (*credentials, *(policy.allow[listed] if listed else ()))
    because = listed
    if because is None and policy.mode == "registries" and registry is not None:
        because = registry.source
    if because is None and policy.mode == "internet" and port in WEB_PORTS:
        because = "internet"
    if because is not None:
        return Decision(True, because, rules, denied=subnets.deny, trusted=trusted)
    if subnets.allow and (port in WEB_PORTS or as_address(host)):
        # Ranges are for addresses; a name counts by what it resolves to.
        return Decision(True, "subnets", within=subnets.allow, denied=subnets.deny)
    return Decision(False, policy.mode)


def _with_credentials(headers: dict[str, str]) -> tuple[Rule, ...]:
    """Only for reading: what this machine may publish, a sandbox may not."""
    if not headers:
        return ()
    match = Match(method=("GET", "HEAD"))
    return (Rule(match=match, transform=(Transform(headers=headers),)),)
