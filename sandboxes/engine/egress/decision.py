"""May this sandbox reach that host: the answer by name, before anything is resolved."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..link import ends
from .domains import EVERY, WEB_PORTS, as_address, best_pattern, covers, split_port
from .login import Login
from .policy import Policy, Rule
from .registries import Registries

NOT_IN_POLICY = "not in the policy"  # why a connection was refused, on the event log
NAMED = {
    "deny-all": "no network at all",
    "registries": "package registries only",
    "internet": "every public host",
    "custom": "the listed hosts only",
}


@dataclass(frozen=True)
class Decision:
    """`within`: ranges that the address must lie in, None for any public one. `trusted`: see
    Registry. `rules` apply to each request, which has to be read for that, and `logins` to those
    that they fit. `any_host`: whatever else its server holds is allowed too."""

    allowed: bool
    because: str
    rules: tuple[Rule, ...] = ()
    within: tuple[str, ...] | None = None
    denied: tuple[str, ...] = ()
    trusted: bool = False
    any_host: bool = False
    logins: tuple[Login, ...] = field(default=(), repr=False)


def decide(policy: Policy, registries: Registries, host: str, port: int) -> Decision:
    """`host` and `port` normalised. What resolving it gives has to be checked besides."""
    if policy.mode == "deny-all":
        return Decision(False, "deny-all")
    subnets = policy.subnets
    registry = registries.find(host, port)
    listed = best_pattern(list(policy.allow), host, port)
    rules = policy.allow[listed] if listed else ()
    because = listed
    if because is None and policy.mode == "registries" and registry is not None:
        because = registry.source
    internet = because is None and policy.mode == "internet" and port in WEB_PORTS
    if internet:
        because = "internet"
    if because is not None:
        return Decision(
            True, because, rules, denied=subnets.deny,
            trusted=registry is not None and registry.trusted,
            any_host=internet or (listed is not None and split_port(listed)[0] == EVERY),
            # Where rules of the sandbox's owner see requests, he could have them sent or answered
            # elsewhere: they are not what our credentials are for.
            logins=() if rules else registries.logins(host, port),
        )  # fmt: skip
    if subnets.allow and (port in WEB_PORTS or as_address(host)):
        # Ranges are for addresses; a name counts by what it resolves to.
        return Decision(True, "subnets", within=subnets.allow, denied=subnets.deny, any_host=True)
    return Decision(False, policy.mode)


def may_reach(policy: Policy, registries: Registries, host: str) -> bool:
    """Whether there is any port at which `decide` could say yes to the host."""
    if policy.mode == "deny-all":
        return False
    if policy.mode == "internet" or policy.subnets.allow:
        return True
    found = policy.mode == "registries" and registries.covers(host)
    return found or any(covers(pattern, host) for pattern in policy.allow)


def is_answered_for(policy: Policy, host: str) -> bool:
    """Whether a rule may send or answer requests for it, so that it need not exist."""
    return any(
        rule.forwardURL is not None or rule.response is not None
        for pattern, rules in policy.allow.items()
        if rules and covers(pattern, host)
        for rule in rules
    )


def named_ports(policy: Policy, registries: Registries) -> set[int]:
    """The ports that `decide` could say yes to; of addresses in allowed ranges the usual ones."""
    patterns = [*policy.allow, *(registries.patterns() if policy.mode == "registries" else ())]
    usual = ends.USUAL if policy.subnets.allow else ()
    return {*WEB_PORTS, *usual} | {port for one in patterns if (port := split_port(one)[1])}
