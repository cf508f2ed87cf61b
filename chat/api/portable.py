"""Conversations as files: export and import."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Router
from ninja.responses import Status

from chat.api.schemas import ConversationOut
from chat.services import conversations
from chat.services.portability import exporting, importing
from chat.services.portability.portable import MAX_BYTES
from sandboxes import transfers
from vibe.api.authentication import access, caller

router = Router(auth=access("chat"))


@router.get(
    "/conversations/{slug:conversation_id}/export",
    summary="Export a conversation",
    openapi_extra={"responses": {200: {"description": "The file", "content": {"application/json": {
        "schema": {"type": "object"}
    }}}}},
)  # fmt: skip
def export_conversation(request: HttpRequest, conversation_id: str) -> HttpResponseBase:
    """As a file: turns, messages, parts, and what its versions were, without their files, without
    ids, and without the values of its sandbox's environment. Turns under way are left out. The
    form has a version number and is what `import_conversation` takes."""
    found = conversations.get_for(caller(request), conversation_id)
    return transfers.as_file(
        exporting.exported(found),
        exporting.file_name(found),
        "application/json",
        conversations.subject(found.pk),
    )


@router.post(
    "/conversations/import",
    response={201: ConversationOut},
    summary="Import a conversation",
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {
        "schema": {"type": "object", "description": "A file from `export_conversation`."}
    }}}},
)  # fmt: skip
def import_conversation(request: HttpRequest) -> Any:
    """Of a file from `export_conversation`, of at most 20 MB. It reads as it did and can go on;
    the model is told what was said, and begins with a new sandbox. 400 says what is wrong with a
    file and where."""
    content = request.read(MAX_BYTES + 1)
    return Status(201, importing.import_conversation(caller(request), content))
