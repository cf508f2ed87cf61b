"""Ports of a sandbox, the addresses of their previews, and who may enter those."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from sandboxes.api.port_schemas import PortOut, PortPatch, PortsOut
from sandboxes.models import Sandbox
from sandboxes.services import finding, ports, preview_access, preview_rules
from sandboxes.services.preview_rules import Rule
from vibe.api.authentication import access, caller
from vibe.api.fields import Port, Text
from vibe.refusal import Refusal

ANSWER_WITHIN = 1.0  # seconds
router = Router(auth=access("run"))


@router.get("/sandboxes/{sandbox_id}/ports", response=PortsOut, summary="List ports")
def list_ports(request: HttpRequest, sandbox_id: Text) -> Any:
    """The ports named at its creation, those on which something listens now, and those of which is
    said who may enter."""
    sandbox = finding.get_for(caller(request), sandbox_id)
    listening = set(ports.listening(sandbox)) if sandbox.is_running else set()
    rules, otherwise = preview_rules.rules_of(sandbox), preview_rules.otherwise(sandbox)
    shown = sorted(listening | set(sandbox.ports) | set(rules))
    return {"items": [_told(sandbox, p, rules.get(p, otherwise), p in listening) for p in shown]}


@router.patch(
    "/sandboxes/{sandbox_id}/ports/{port}", response=PortOut, summary="Change who enters a preview"
)
def change_port(request: HttpRequest, sandbox_id: Text, port: Port, data: PortPatch) -> Any:
    """At once, also for who is in. A link stays the same until the preview is made private; then it
    is dead for good."""
    user = caller(request)
    sandbox = finding.get_for(user, sandbox_id)
    rule = preview_access.change(sandbox, port, data.access, by=user, expires_in=data.expires_in)
    return _told(sandbox, port, rule, _listens(sandbox, port))


def _listens(sandbox: Sandbox, port: int) -> bool:
    """Whether that is known now: who shuts others out does not wait for an agent that is silent."""
    try:
        return sandbox.is_running and port in ports.listening(sandbox, ANSWER_WITHIN)
    except Refusal:
        return False


def _told(sandbox: Sandbox, port: int, rule: Rule, listening: bool) -> dict[str, Any]:
    return {
        "port": port,
        "listening": listening,
        "url": ports.url(sandbox, port),
        "access": rule.now,
        "expires_at": rule.until if rule.now != "private" else None,
        "link": preview_access.link(sandbox, port, rule),
    }
