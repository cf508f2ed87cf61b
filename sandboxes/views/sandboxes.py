"""Pages and buttons of sandboxes."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET, require_POST

from sandboxes.host import isolation
from sandboxes.models import Sandbox
from sandboxes.news import event_log
from sandboxes.rendering.network import network_view
from sandboxes.rendering.open_ports import of_each
from sandboxes.rendering.panels import recent_commands, state_of, status_partials
from sandboxes.rendering.usage import usage_view
from sandboxes.services import activity, finding, lifecycle, limits, quota_list, servers, snapshots
from vibe.web.partials import partial
from vibe.web.refusals import back, refusals_told
from vibe.web.requests import UserRequest

EXTENSION = 1800
SNAPSHOTS_SHOWN = 100
EVENTS_SHOWN = 50


@require_GET
@login_required
def index(request: UserRequest) -> HttpResponse:
    found = list(finding.list_for(request.user).select_related("session")[:200])
    open_ports = of_each(found)
    rows = [(one, state_of(one), its) for one, its in zip(found, open_ports, strict=True)]
    view = {"rows": rows}
    if request.headers.get("HX-Request") == "true":  # the open page asks how they stand
        return HttpResponse(_fresh(request, "sandboxes/_table.html", view, "#sandboxes"))
    quotas = quota_list.list_for(request.user)
    told = [quota for quota in quotas if quota.is_told]
    return render(request, "sandboxes/index.html", {**view, "quotas": quotas, "told": told})


@require_GET
@login_required
@refusals_told
def show(request: UserRequest, sandbox_id: str) -> HttpResponse:
    sandbox = finding.get_for(request.user, sandbox_id)
    view = {
        "sandbox": sandbox,
        "state": state_of(sandbox),
        "commands": recent_commands(sandbox)[::-1],
        "limits": limits.in_words(sandbox),
        "idle_timeout": activity.idle_timeout(sandbox),
        "conversation": sandbox.conversations.first(),
        "snapshots": snapshots.kept_of(sandbox)[:SNAPSHOTS_SHOWN],
        "events": event_log.list_for(sandbox)[:EVENTS_SHOWN],
        "network": network_view(sandbox),
        **usage_view(sandbox),
    }
    if request.headers.get("HX-Request") == "true":
        pieces = {
            "#sandbox-facts": "sandboxes/_facts.html",
            "#resources": "sandboxes/_usage.html",
            "#snapshot-list": "sandboxes/_snapshots.html",
            "#decision-list": "sandboxes/_decisions.html",
            "#event-list": "sandboxes/_events.html",
            "#command-list": "sandboxes/_commands.html",
        }
        fresh = (_fresh(request, name, view, target) for target, name in pieces.items())
        return HttpResponse("".join(fresh))
    return render(request, "sandboxes/show.html", view)


@require_POST
@login_required
@refusals_told
def stop(request: UserRequest, sandbox_id: str) -> HttpResponse:
    sandbox = finding.get_for(request.user, sandbox_id)
    lifecycle.stop(sandbox, by=request.user)
    return _answer(request, sandbox)


@require_POST
@login_required
@refusals_told
def resume(request: UserRequest, sandbox_id: str) -> HttpResponse:
    sandbox = finding.get_for(request.user, sandbox_id)
    servers.resume(sandbox, by=request.user)
    return _answer(request, sandbox)


@require_POST
@login_required
@refusals_told
def extend(request: UserRequest, sandbox_id: str) -> HttpResponse:
    sandbox = finding.get_for(request.user, sandbox_id)
    lifecycle.extend(sandbox, EXTENSION)
    return _answer(request, sandbox)


@require_POST
@login_required
@refusals_told
def delete(request: UserRequest, sandbox_id: str) -> HttpResponse:
    sandbox = finding.get_for(request.user, sandbox_id)
    lifecycle.delete(sandbox)
    messages.success(request, f"The sandbox “{sandbox.name}” is deleted.")
    return redirect("sandboxes:index")


@require_POST
@login_required
@refusals_told
def consent(request: UserRequest) -> HttpResponse:
    """An administrator agrees to commands without isolation on this machine."""
    isolation.consent(request.user)
    return redirect(back(request))


def _answer(request: UserRequest, sandbox: Sandbox) -> HttpResponse:
    if request.headers.get("HX-Request") != "true":
        return redirect(back(request))
    return HttpResponse(status_partials(finding.get_for(request.user, sandbox.pk)))


def _fresh(request: UserRequest, template: str, view: dict[str, Any], target: str) -> str:
    return partial(render_to_string(template, view, request), target)
