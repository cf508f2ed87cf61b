"""Ports of a sandbox and the addresses of their previews."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from sandboxes.api.schemas import PortsOut
from sandboxes.services import finding, ports
from vibe.api.authentication import access, caller
from vibe.api.fields import Text

router = Router(auth=access("run"))


@router.get("/sandboxes/{sandbox_id}/ports", response=PortsOut, summary="List ports")
def list_ports(request: HttpRequest, sandbox_id: Text) -> Any:
    """The ports named at its creation and those on which something listens now."""
    sandbox = finding.get_for(caller(request), sandbox_id)
    listening = set(ports.listening(sandbox)) if sandbox.is_running else set()
    return {
        "items": [
            {"port": port, "listening": port in listening, "url": ports.url(sandbox, port)}
            for port in sorted(listening | set(sandbox.ports))
        ]
    }
