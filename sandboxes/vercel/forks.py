"""Copies of sandboxes, with their files and settings."""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Router

from sandboxes.host import runtimes
from sandboxes.services import configuration, finding, forks, network, snapshot_lineage
from sandboxes.vercel import bodies, opening
from sandboxes.vercel.access import ApiKeyBearer, caller
from sandboxes.vercel.answers import later
from sandboxes.vercel.configuring import configure
from sandboxes.vercel.opening import name_is_free, resume, usable, when_running
from sandboxes.vercel.shapes import shown

router = Router(auth=ApiKeyBearer("run"))


@router.post(
    "/sandboxes/{name}/fork",
    summary="Copy a sandbox",
    openapi_extra=shown(sandbox="Sandbox", session="Session", routes="Route[]"),
)
def fork(request: HttpRequest, name: str, data: bodies.Fork) -> HttpResponseBase:
    """With the files of its current snapshot; without one it begins as a new sandbox does."""
    user = caller(request)
    source = finding.get_for(user, name)
    if data.image is not None:
        runtimes.check_image(data.image)
    unsaved = opening.is_unsaved(source)
    newest = None if unsaved else snapshot_lineage.newest_of(source)
    with transaction.atomic(), name_is_free(data.name):
        sandbox = forks.fork(
            source,
            name=data.name or "",
            snapshot=usable(user, newest.id) if newest else None,
            bare=not unsaved,
            start=False,
            by=user,
            preview_access=settings.VERCEL_PREVIEW_ACCESS,
        )
        if source.network_policy:
            network.set_policy(sandbox, source.network_policy, wait=0)
        configure(sandbox, data)
        if data.image is not None:
            configuration.apply(sandbox, image=data.image)
        resume(sandbox)
    return later(request, partial(when_running, user, sandbox.id))
