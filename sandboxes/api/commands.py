"""Commands: run, look, stop."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router
from ninja.responses import Status
from pydantic import Field

from sandboxes.api.schemas import CommandOut
from sandboxes.models import Command
from sandboxes.services import commands, finding, waiting
from vibe.api.authentication import access, caller
from vibe.api.fields import Before, Environment, JsonObject, Limit, Text, Wait
from vibe.api.later import later
from vibe.api.pagination import PAGE, Page, paginate

router = Router(auth=access("run"))


class CommandIn(JsonObject):
    command: Text = Field(min_length=1, max_length=4096, examples=["npm"])
    args: list[Text] = Field([], max_length=4096, examples=[["install", "express"]])
    cwd: Text = Field(
        "", max_length=4096, description="Default: the workspace, /vercel/sandbox.", examples=[""]
    )
    env: Environment = Field({}, description="Added to the sandbox's environment.")
    background: bool = Field(False, description="True for servers: no time limit by default.")
    timeout: float | None = Field(None, ge=0, le=2_592_000, description="Seconds; 0: no limit.")
    stdin: bool = Field(
        False, description="It reads what is written to `commands/{id}/stdin`; else nothing."
    )
    sudo: bool = Field(
        False, description="As root of the sandbox, where the platform gives it one."
    )
    wait: Wait = 0


class SignalIn(JsonObject):
    signal: int = Field(ge=1, le=31, examples=[2])


def start(request: HttpRequest, sandbox_id: str, data: CommandIn) -> Command:
    """The command that the request asks for, queued."""
    user = caller(request)
    return commands.run(
        finding.get_for(user, sandbox_id),
        data.command,
        data.args,
        cwd=data.cwd,
        env=data.env,
        background=data.background,
        timeout=data.timeout,
        stdin=data.stdin,
        sudo=data.sudo,
        by=user,
    )


@router.get("/sandboxes/{sandbox_id}/commands", response=Page[CommandOut], summary="List commands")
def list_commands(
    request: HttpRequest, sandbox_id: Text, limit: Limit = PAGE, before: Before = ""
) -> Any:
    sandbox = finding.get_for(caller(request), sandbox_id)
    rows = commands.list_for(sandbox)
    return paginate(rows, by="created_at", limit=limit, before=before)


@router.post(
    "/sandboxes/{sandbox_id}/commands", response={201: CommandOut}, summary="Run a command"
)
def run_command(request: HttpRequest, sandbox_id: Text, data: CommandIn) -> Any:
    """Starts a command and answers at once, or with `wait` when it has ended or the time is over.

    No shell is involved; for one, run `sh` with the arguments `-c` and your line.
    """
    command = start(request, sandbox_id, data)
    if data.wait:
        return later(CommandOut, lambda: waiting.finished_within(command, data.wait), status=201)
    return Status(201, command)


@router.get("/commands/{slug:command_id}", response=CommandOut, summary="Get a command")
def get_command(request: HttpRequest, command_id: str) -> Any:
    return commands.get_for(caller(request), command_id)


@router.post("/commands/{slug:command_id}/stop", response=CommandOut, summary="Stop a command")
def stop_command(request: HttpRequest, command_id: str) -> Any:
    """Ends the command and all that it started, also what it has left running at its own end: TERM,
    after 5 s KILL. The answer may still say `running`; once it says `finished`, nothing is left."""
    user = caller(request)
    commands.stop(commands.get_for(user, command_id), by=user)
    return commands.get_for(user, command_id)


@router.post(
    "/commands/{slug:command_id}/again", response={201: CommandOut}, summary="Run a command again"
)
def run_command_again(request: HttpRequest, command_id: str) -> Any:
    """A new command like that one, in the same sandbox."""
    user = caller(request)
    return Status(201, commands.run_again(commands.get_for(user, command_id), by=user))


@router.post(
    "/commands/{slug:command_id}/signal", response=CommandOut, summary="Send a signal to a command"
)
def signal_command(request: HttpRequest, command_id: str, data: SignalIn) -> Any:
    """15 (TERM), 19 (STOP) and 18 (CONT) go to the command and all that it started, 9 (KILL) ends
    all of it; others, such as 2 (INT), go to its process group, as a terminal sends them. What
    a command that has ended by a signal leaves behind is ended too."""
    user = caller(request)
    commands.send_signal(commands.get_for(user, command_id), data.signal, by=user)
    return commands.get_for(user, command_id)
