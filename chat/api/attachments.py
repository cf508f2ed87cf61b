"""Attachments: files that go with a message."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Query, Router
from ninja.responses import Status

from chat.api.schemas import AttachmentOut
from chat.models import Attachment
from chat.rendering import attachment_content
from chat.services import conversations
from chat.services.attaching import attachments, intake
from sandboxes import transfers
from vibe.accounts.services.rights import Subject
from vibe.api.authentication import access, caller
from vibe.refusal import Refusal

router = Router(auth=access("chat"))

# What a multipart body holds besides its file.
ENVELOPE = 64 * 1024
_RAW = {"schema": {"type": "string", "format": "binary"}}
_FORM = {
    "schema": {
        "type": "object",
        "required": ["file"],
        "properties": {"file": {"type": "string", "format": "binary"}},
    }
}
TAKEN = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": _RAW, "multipart/form-data": _FORM},
    }
}
GIVEN = {"responses": {200: {"description": "The bytes", "content": {"*/*": _RAW}}}}
Name = Annotated[
    str, Query(max_length=1024, description="Of the file, when the body is the file itself.")
]


@router.post(
    "/attachments", response={201: AttachmentOut}, summary="Upload a file", openapi_extra=TAKEN
)
def upload_attachment(request: HttpRequest, name: Name = "") -> Any:
    """For a message of a conversation that is yet to begin; kept for a day until it is sent."""
    return Status(201, _taken(request, name, None))


@router.post(
    "/conversations/{slug:conversation_id}/attachments",
    response={201: AttachmentOut},
    summary="Upload a file for a message",
    openapi_extra=TAKEN,
)
def upload_attachment_for(request: HttpRequest, conversation_id: str, name: Name = "") -> Any:
    """The body is the file, or a form with one field `file`. Send its id with the next message:
    `attachments` of `POST …/turns`."""
    found = conversations.get_for(caller(request), conversation_id)
    return Status(201, _taken(request, name, conversations.subject(found.pk)))


@router.get("/attachments/{slug:attachment_id}", response=AttachmentOut, summary="Look at one")
def get_attachment(request: HttpRequest, attachment_id: str) -> Any:
    return attachments.get_for(caller(request), attachment_id)


@router.get(
    "/attachments/{slug:attachment_id}/content", summary="Read an attachment", openapi_extra=GIVEN
)
def read_attachment(request: HttpRequest, attachment_id: str) -> HttpResponseBase:
    """Its bytes. Pictures may be shown, everything else is to be saved."""
    return attachment_content.of(attachments.get_for(caller(request), attachment_id))


@router.delete("/attachments/{slug:attachment_id}", response={204: None}, summary="Take one back")
def delete_attachment(request: HttpRequest, attachment_id: str) -> Any:
    """Only before it is sent; else 409."""
    attachments.remove(attachments.get_for(caller(request), attachment_id))
    return Status(204, None)


def _taken(request: HttpRequest, name: str, subject: Subject | None) -> Attachment:
    length = request.headers.get("Content-Length", "")
    announced = int(length) if length.isdecimal() and len(length) < 19 else 0
    if request.content_type != "multipart/form-data":
        body = transfers.body_about(request, subject)
        return intake.create(caller(request), name, body, size=announced)
    # Before the form is read, which writes it to the disk.
    intake.check_room(caller(request), max(0, announced - ENVELOPE))
    file = _only_file(request)
    return intake.create(caller(request), name or file.name or "", _blocks(file))


def _only_file(request: HttpRequest) -> UploadedFile:
    given = [file for _, files in request.FILES.lists() for file in files]
    if len(given) != 1:
        raise Refusal(
            f"The form has {len(given)} files.", "Send one, in the field file.", "invalid"
        )
    return given[0]


def _blocks(file: UploadedFile) -> Iterator[bytes]:
    yield from file.chunks()
