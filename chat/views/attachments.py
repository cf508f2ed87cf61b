"""An attachment's bytes for the page, and what a form brings along."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from chat.rendering import attachment_content
from chat.services import messages
from chat.services.attaching import attachments, intake
from vibe.web.refusals import refusals_told
from vibe.web.requests import UserRequest


@require_GET
@login_required
@refusals_told
def show(request: UserRequest, attachment_id: str) -> HttpResponseBase:
    return attachment_content.of(attachments.get_for(request.user, attachment_id))


def brought(request: UserRequest, text: str) -> tuple[str, list[str]]:
    """(the text, ids of attachments) of a message that a form has sent.

    A page without scripts sends files with the form itself. A text that is too long for a message
    becomes an attachment, whole.
    """
    ids = request.POST.getlist("attachment")
    for file in request.FILES.getlist("file"):
        made = intake.create(request.user, file.name or "", _blocks(file), size=file.size)
        ids.append(made.pk)
    if len(text) > messages.MESSAGE_LIMIT:
        long = text.replace("\r\n", "\n").encode("utf-8", "replace")
        ids.append(intake.create(request.user, intake.PASTED, [long]).pk)
        text = ""
    return text, ids


def _blocks(file: UploadedFile) -> Iterator[bytes]:
    yield from file.chunks()
