"""What a sandbox uses, for a page that looks at it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.views.decorators.http import require_GET

from sandboxes.rendering.usage import usage_partial
from sandboxes.services import finding
from vibe.web.refusals import refusals_told
from vibe.web.requests import UserRequest


@require_GET
@login_required
@refusals_told
def show(request: UserRequest, sandbox_id: str) -> HttpResponse:
    """The panel, for a page that asks again while somebody looks at it."""
    sandbox = finding.get_for(request.user, sandbox_id)
    return HttpResponse(usage_partial(sandbox))
