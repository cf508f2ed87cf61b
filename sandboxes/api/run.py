"""A command and its output in one answer."""

from __future__ import annotations

from collections.abc import AsyncIterator

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Router

from sandboxes.api import logs
from sandboxes.api.commands import CommandIn, start
from sandboxes.api.schemas import CommandOut
from sandboxes.models import Command
from sandboxes.services import finding
from vibe.api import streaming
from vibe.api.authentication import access
from vibe.api.fields import Text
from vibe.api.openapi import streamed

router = Router(auth=access("run"))

EXAMPLE = """\
{"command":{"id":"cmd_1c7m4x9z0b3n6k2v8q5a","status":"queued"}}
{"offset":0,"stream":"stdout","data":"hello\\n","next":6}
{"end":true,"status":"finished","cause":"exited","exit_code":0}
"""


@router.post(
    "/sandboxes/{sandbox_id}/run",
    summary="Run a command and follow it",
    openapi_extra=streamed(streaming.NDJSON, "One JSON object a line", EXAMPLE),
)
def run_and_follow(request: HttpRequest, sandbox_id: Text, data: CommandIn) -> HttpResponseBase:
    """Answers with the command, then its output as it comes, then how it ended: the lines of
    `commands/{id}/logs?follow=1`. Should the connection drop, the command goes on: follow its log
    from the last `next`. `wait` is not used.
    """
    command = start(request, sandbox_id, data)
    about = finding.subject(command.sandbox_id)
    return streaming.respond(_lines(command), streaming.NDJSON, about)


async def _lines(command: Command) -> AsyncIterator[str]:
    yield streaming.line({"command": CommandOut.from_orm(command).model_dump(mode="json")})
    async for line in logs.followed(command):
        yield line
