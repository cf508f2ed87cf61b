"""The most that the operator lets owners of sandboxes have them reach."""

from __future__ import annotations

from django.conf import settings

from sandboxes.engine.egress.decision import NAMED
from sandboxes.engine.egress.policy import Policy, parse
from vibe.refusal import Refusal


def admits(policy: Policy) -> bool:
    """Whether it opens nothing beyond the ceiling."""
    match settings.NETWORK_CEILING:
        case "deny-all":
            return policy.mode == "deny-all"
        case "registries":
            listed = policy.allow or policy.subnets.allow
            return policy.mode == "deny-all" or (policy.mode == "registries" and not listed)
        case _:
            return True


def check(policy: Policy) -> None:
    """Raise Refusal, code denied, for a policy beyond the ceiling."""
    if not admits(policy):
        raise Refusal(in_words(), "Ask the operator to raise VIBE_NETWORK_CEILING.", "denied")


def lowered(policy: Policy) -> Policy:
    """What holds of a policy: one from before the ceiling was lowered opens the ceiling only."""
    if admits(policy):
        return policy
    denied = {"deny": list(policy.subnets.deny)}
    return parse({"mode": settings.NETWORK_CEILING, "subnets": denied})


def in_words() -> str:
    reached = NAMED[settings.NETWORK_CEILING]
    return f"The operator of this platform lets no sandbox reach more than: {reached}."
