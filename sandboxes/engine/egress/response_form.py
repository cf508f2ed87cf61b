"""A policy as clients read it back: what it does, and no value of a header."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .policy import Match, Policy, Rule


def read_back(policy: Policy) -> dict[str, Any]:
    """`mode`, and what belongs to it: allowedDomains, allowedCIDRs, deniedCIDRs, injectionRules
    with the names of headers, forwardRules and responseRules."""
    form: dict[str, Any] = {"mode": policy.mode}
    if policy.allow:
        form["allowedDomains"] = list(policy.allow)
    if policy.subnets.allow:
        form["allowedCIDRs"] = list(policy.subnets.allow)
    if policy.subnets.deny:
        form["deniedCIDRs"] = list(policy.subnets.deny)
    for domain, rules in policy.allow.items():
        for rule in rules:
            name, entry = _described(domain, rule)
            form.setdefault(name, []).append(entry)
    return form


def read_back_for_sdk(policy: Policy, registries: Iterable[str]) -> dict[str, Any]:
    """The same in the three modes that the field's clients know: allow-all, deny-all, custom.

    Their parsers refuse any other, so `registries` becomes the list of its hosts.
    """
    form = read_back(policy)
    if policy.mode == "internet" and not (policy.allow or policy.subnets.deny):
        return {"mode": "allow-all"}
    if policy.mode == "deny-all":
        return {"mode": "deny-all"}
    domains = list(form.get("allowedDomains", []))
    if policy.mode == "internet":
        domains.append("*")
    elif policy.mode == "registries":
        domains += registries
    return {**form, "mode": "custom", "allowedDomains": list(dict.fromkeys(domains))}


def _described(domain: str, rule: Rule) -> tuple[str, dict[str, Any]]:
    match = _matched(rule.match)
    if rule.forwardURL is not None:
        return "forwardRules", {"domain": domain, "forwardURL": rule.forwardURL, **match}
    if rule.response is not None:
        return "responseRules", {
            "domain": domain,
            "statusCode": rule.response.statusCode,
            **match,
        }
    names = dict.fromkeys(name for transform in rule.transform for name in transform.headers)
    return "injectionRules", {"domain": domain, "headerNames": list(names), **match}


def _matched(match: Match) -> dict[str, Any]:
    """The match without the values that it compares headers with: they may be secrets."""
    form = match.model_dump(mode="json", exclude_defaults=True)
    if not form:
        return {}
    if "headers" in form:
        form["headers"] = [{"key": pair["key"]} for pair in form["headers"] if "key" in pair]
        if not form["headers"]:
            del form["headers"]
    return {"match": form} if form else {}
