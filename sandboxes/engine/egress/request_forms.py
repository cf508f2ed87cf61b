"""Brings each known form of a policy request into the stored form, before it is validated."""

from __future__ import annotations

from typing import Any

# Names that clients use for our modes.
SYNONYMS = {"allow-all": "internet"}
LEGACY = frozenset({"allowedDomains", "allowedCIDRs", "deniedCIDRs", "injectionRules"})


def as_normal_form(request: Any) -> Any:
    """A mapping with `mode`, `allow` and `subnets`, not validated; raises ValueError.

    Takes a mode's name; `{"mode": …}`; `{"allow": [domains] or {domain: [rules]}, "subnets"}`;
    and the older `{"mode": "custom", "allowedDomains", "allowedCIDRs", "deniedCIDRs",
    "injectionRules": [{"domain", "headers"}]}`.
    """
    if isinstance(request, str):
        request = {"mode": request}
    if not isinstance(request, dict):
        raise ValueError("A policy is the name of a mode, or an object with mode or allow.")
    if LEGACY & request.keys():
        return _from_legacy(request)
    form = dict(request)
    form.setdefault("mode", "custom")
    if isinstance(form["mode"], str):
        form["mode"] = SYNONYMS.get(form["mode"], form["mode"])
    if "allow" not in form and "mode" not in request:
        raise ValueError("A policy needs mode or allow.")
    if isinstance(form.get("allow"), list | tuple):
        form["allow"] = dict.fromkeys(_texts(form["allow"], "allow"), ())
    if form.get("subnets", ...) is None:
        del form["subnets"]
    return form


def _from_legacy(request: dict[str, Any]) -> dict[str, Any]:
    unknown = request.keys() - LEGACY - {"mode"}
    if unknown or request.get("mode", "custom") != "custom":
        raise ValueError(f"Not understood beside allowedDomains: {', '.join(sorted(unknown))}.")
    allow: dict[str, list[Any]] = {
        domain: [] for domain in _texts(request.get("allowedDomains") or [], "allowedDomains")
    }
    for rule in request.get("injectionRules") or []:
        if not isinstance(rule, dict) or not isinstance(rule.get("domain"), str):
            raise ValueError("injectionRules: each one has a domain and headers.")
        if rule.keys() - {"domain", "headers", "match"}:
            raise ValueError("injectionRules: each one has a domain, headers and perhaps a match.")
        changed: dict[str, Any] = {"transform": [{"headers": rule.get("headers", {})}]}
        if rule.get("match"):
            changed["match"] = rule["match"]
        allow.setdefault(rule["domain"], []).append(changed)
    subnets = {
        "allow": request.get("allowedCIDRs") or [],
        "deny": request.get("deniedCIDRs") or [],
    }
    return {"mode": "custom", "allow": allow, "subnets": subnets}


def _texts(values: Any, name: str) -> list[str]:
    if not isinstance(values, list | tuple) or not all(isinstance(value, str) for value in values):
        raise ValueError(f"{name} is a list of host names.")
    return list(values)
