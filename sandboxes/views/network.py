"""The network section of a sandbox's page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from sandboxes.host import isolation, registries, way_out
from sandboxes.models import Sandbox
from sandboxes.services import finding, network
from vibe.page import UserRequest, refusals_told

DECISIONS_SHOWN = 50


@require_POST
@login_required
@refusals_told
def update(request: UserRequest, sandbox_id: str) -> HttpResponse:
    """Mode and hosts as the form gives them; rules of hosts that stay are kept."""
    sandbox = finding.get_for(request.user, sandbox_id)
    hosts = request.POST.get("hosts", "").replace(",", " ").split()
    network.set_hosts(sandbox, request.POST.get("mode", ""), hosts)
    messages.success(request, "The network policy is changed.")
    return redirect("sandboxes:show", sandbox.pk)


def network_view(sandbox: Sandbox) -> dict[str, Any]:
    """Context of the section."""
    policy = network.policy_of(sandbox)
    session = sandbox.session
    level = session.isolation if session and session.isolation else isolation.current().level
    return {
        "mode": policy.mode,
        "modes": list(network.WORDS.items()),
        "hosts": list(policy.allow),
        "rules": sum(map(len, policy.allow.values())),
        "subnets": policy.subnets,
        "registries": registries.hosts(),
        "enforced": way_out.enforced(level),
        "decisions": network.decisions(sandbox)[:DECISIONS_SHOWN],
    }
