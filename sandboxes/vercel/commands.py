"""Commands of a session: run, list, wait, signal."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Router

from sandboxes.models import Command
from sandboxes.services import commands, history, waiting
from sandboxes.vercel import bodies, records, serializers
from sandboxes.vercel.access import ApiKeyBearer, caller, running, session_of
from sandboxes.vercel.answers import awaited, later
from sandboxes.vercel.answers import records as stream
from sandboxes.vercel.errors import ProtocolError, bad_request
from sandboxes.vercel.shapes import lines_shown, shown

router = Router(auth=ApiKeyBearer("run"))

# A worker that is slower than this will run it yet: an error would have clients run it again.
START_SECONDS = 30.0


@router.post(
    "/sandboxes/sessions/{session_id}/cmd",
    summary="Run a command",
    openapi_extra=lines_shown(or_command=True),
)
def run(request: HttpRequest, session_id: str, data: bodies.Run) -> HttpResponseBase:
    """Detached, or with `wait` as records until it has ended, with `logs` its output between."""
    return later(request, partial(_run, started(request, session_id, data), data))


@router.get(
    "/sandboxes/sessions/{session_id}/cmd",
    summary="List commands",
    openapi_extra=shown(commands="Command[]"),
)
def list_commands(request: HttpRequest, session_id: str) -> dict[str, Any]:
    session = session_of(request, session_id)
    return {
        "commands": [serializers.command_out(row) for row in history.commands_of(session)[:1000]]
    }


@router.get(
    "/sandboxes/sessions/{session_id}/cmd/{command_id}",
    summary="Get a command",
    openapi_extra=shown(command="Command"),
)
def get(request: HttpRequest, session_id: str, command_id: str, wait: bool = False) -> Any:
    return looked_up(history.command_of(session_of(request, session_id), command_id), wait)


@router.get(
    "/sandboxes/sessions/{session_id}/cmd/{command_id}/logs",
    summary="Follow a log",
    openapi_extra=lines_shown(),
)
def logs(request: HttpRequest, session_id: str, command_id: str) -> HttpResponseBase:
    command = history.command_of(session_of(request, session_id), command_id)
    return stream(records.log(command), command.sandbox_id)


@router.post(
    "/sandboxes/sessions/{session_id}/cmd/{command_id}/kill",
    summary="Send a signal",
    openapi_extra=shown(command="Command"),
)
def kill(
    request: HttpRequest, session_id: str, command_id: str, data: bodies.Kill
) -> dict[str, Any]:
    command = history.command_of(session_of(request, session_id), command_id)
    commands.send_signal(command, data.signal, by=caller(request))
    command.refresh_from_db()
    return {"command": serializers.command_out(command)}


def started(request: HttpRequest, session_id: str, data: bodies.Run) -> Command:
    sandbox, session = running(request, session_id)
    if sandbox.session_id != session.id:
        raise ProtocolError(410, "sandbox_stopped", "The sandbox has a newer session.")
    return commands.run(
        sandbox,
        data.command,
        data.args,
        cwd=data.cwd or "",
        env=data.env or {},
        background=not data.wait,
        timeout=(data.timeout or 0) / 1000,
        grace=0.0,  # the clients mean KILL
        stdin=data.attach_stdin,
        sudo=data.sudo,
        by=caller(request),
    )


def looked_up(command: Command, wait: bool) -> Any:
    if wait and not command.is_finished:
        return awaited(partial(_finished, command.id), command.sandbox_id)
    return {"command": serializers.command_out(command)}


async def _run(command: Command, data: bodies.Run) -> Any:
    now = await waiting.started(command, START_SECONDS) or command
    if now.cause == Command.Cause.START_FAILED:
        missing = now.exit_code == 127
        if missing:
            raise ProtocolError(400, "executable_not_found", now.error)
        raise bad_request(f"The command could not start. {now.error}")
    if data.wait:
        return stream(records.run(now, logs=data.logs), now.sandbox_id)
    return {"command": serializers.command_out(now)}


async def _finished(command_id: str) -> dict[str, Any]:
    return {"command": serializers.command_out(await waiting.finished(command_id))}
