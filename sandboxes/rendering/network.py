"""What the template of a sandbox's network section reads."""

from __future__ import annotations

from typing import Any

from sandboxes.engine import Level, levels
from sandboxes.engine.egress.decision import NAMED
from sandboxes.host import isolation, registries
from sandboxes.models import Sandbox
from sandboxes.services import network, network_history

DECISIONS_SHOWN = 50


def network_view(sandbox: Sandbox) -> dict[str, Any]:
    """Context of the section."""
    policy = network.policy_of(sandbox)
    session = sandbox.session
    level = session.isolation if session and session.isolation else isolation.current().level
    return {
        "mode": policy.mode,
        "modes": list(NAMED.items()),
        "hosts": list(policy.allow),
        "rules": sum(map(len, policy.allow.values())),
        "subnets": policy.subnets,
        "registries": registries.hosts(),
        "enforced": levels.closes_network(level),
        "by_proxy_alone": _by_proxy_alone(level),
        "decisions": network_history.decisions(sandbox)[:DECISIONS_SHOWN],
    }


def _by_proxy_alone(level: str) -> str:
    """Why programs that know no proxy reach nothing; empty where they do, or where all is open."""
    if level == Level.FULL:
        return levels.problem_of_link()
    if levels.closes_network(level):
        return "A sandbox of a lower level of isolation has no network of its own."
    return ""
