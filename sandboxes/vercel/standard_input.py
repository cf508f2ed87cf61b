"""Writing to the standard input of a command."""

from __future__ import annotations

import binascii
from base64 import b64decode
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Router

from sandboxes.services import history, standard_input
from sandboxes.services.standard_input import InputError
from sandboxes.vercel import bodies, errors, serializers
from sandboxes.vercel.access import ApiKeyBearer, session_of
from sandboxes.vercel.errors import ProtocolError, bad_request
from sandboxes.vercel.shapes import shown

router = Router(auth=ApiKeyBearer("run"))

_CODES = {
    "stdin_unavailable": (400, "command_stdin_unavailable"),
    "not_found": (404, "not_found"),
    "conflict": (409, "conflict"),
    "limit": (400, "bad_request"),
    "timeout": (504, "timeout"),
}


@router.post(
    "/sandboxes/sessions/{session_id}/cmd/{command_id}/stdin",
    summary="Write to a command",
    openapi_extra=shown(command="Command", bytesWritten="integer"),
)
def write(
    request: HttpRequest, session_id: str, command_id: str, data: bodies.Input
) -> dict[str, Any] | HttpResponseBase:
    """Answers when the command has taken it all. `offset` makes a repetition harmless."""
    command = history.command_of(session_of(request, session_id), command_id)
    try:
        content = b64decode(data.data, validate=True)
    except (binascii.Error, ValueError):
        raise bad_request("`data` is not base64.") from None
    try:
        if content or data.close:
            written = standard_input.write(command, content, offset=data.offset, close=data.close)
        else:
            written = standard_input.state(command).written
    except InputError as error:
        return _refused(error)
    return {"command": serializers.command_out(command), "bytesWritten": written}


def _refused(error: InputError) -> HttpResponseBase:
    if error.code not in _CODES:
        raise ProtocolError(503, "unavailable", str(error))
    status, code = _CODES[error.code]
    count = {} if error.written is None else {"bytesWritten": error.written}
    return errors.answer(status, code, str(error), **count)
