"""The network section of a sandbox's page."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from sandboxes.services import finding, network
from vibe.web.refusals import back, refusals_told
from vibe.web.requests import UserRequest


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


@require_POST
@login_required
@refusals_told
def allow_host(request: UserRequest, sandbox_id: str) -> HttpResponse:
    """Have the policy list one more host, as the button beside a refused command asks."""
    sandbox = finding.get_for(request.user, sandbox_id)
    host, port = request.POST.get("host", ""), request.POST.get("port", "")
    network.allow_host(sandbox, host, int(port) if port.isdecimal() and len(port) < 6 else 443)
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"allowed": host})
    messages.success(request, f"Programs in {sandbox.name} reach {host} from now on.")
    return redirect(back(request))
