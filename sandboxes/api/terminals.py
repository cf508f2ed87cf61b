"""Terminals: open, list, rename, resize, close; the WebSocket shows and types."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from sandboxes.api.schemas import CommandStatus
from sandboxes.engine import TerminalSize
from sandboxes.models import Terminal
from sandboxes.services import finding, terminals
from vibe.api.authentication import access, caller, right_of
from vibe.api.fields import Environment, JsonObject, Text

router = Router(auth=access("run"))


class TerminalIn(JsonObject):
    name: Text = Field("", max_length=40, description="Default: Shell 1, Shell 2 …")
    cols: int = Field(80, ge=1, le=1000)
    rows: int = Field(24, ge=1, le=1000)
    command: Text = Field("", max_length=4096, description="Default: a shell.", examples=[""])
    args: list[Text] = Field([], max_length=4096, examples=[[]])
    cwd: Text = Field("", max_length=4096, description="Default: the workspace.", examples=[""])
    env: Environment = Field({}, description="Added to the sandbox's environment.")


class TerminalChange(JsonObject):
    name: Text | None = Field(None, max_length=40)
    cols: int | None = Field(None, ge=1, le=1000)
    rows: int | None = Field(None, ge=1, le=1000)


class TerminalOut(Schema):
    id: str = Field(examples=["trm_9k2v7x0a4c1m5z8b3n6q"])
    sandbox_id: str
    command_id: str = Field(description="Its program: how it ended, and its output as a log.")
    name: str = Field(examples=["Shell 1"])
    cols: int
    rows: int
    status: CommandStatus
    exit_code: int | None
    created_at: datetime

    @staticmethod
    def resolve_status(terminal: Terminal) -> str:
        return terminal.command.status

    @staticmethod
    def resolve_exit_code(terminal: Terminal) -> int | None:
        return terminal.command.exit_code


class TerminalsOut(Schema):
    items: list[TerminalOut]


class TicketOut(Schema):
    path: str = Field(
        description="Of the WebSocket, for one connection within a minute. Send an Origin header"
        " that names this host.",
        examples=["/ws/terminals/trm_9k2v7x0a4c1m5z8b3n6q/?ticket=…"],
    )


@router.post(
    "/sandboxes/{sandbox_id}/terminals", response={201: TerminalOut}, summary="Open a terminal"
)
def open_terminal(request: HttpRequest, sandbox_id: Text, data: TerminalIn) -> Any:
    """Starts a shell, or `command`, on a pseudo-terminal that outlives its connections."""
    user = caller(request)
    terminal = terminals.create(
        finding.get_for(user, sandbox_id),
        name=data.name,
        size=TerminalSize(data.cols, data.rows),
        executable=data.command,
        args=data.args,
        cwd=data.cwd,
        env=data.env,
        by=user,
    )
    return Status(201, terminal)


@router.get("/sandboxes/{sandbox_id}/terminals", response=TerminalsOut, summary="List terminals")
def list_terminals(request: HttpRequest, sandbox_id: Text) -> Any:
    """All that have not been closed, oldest first; a sandbox has at most twelve."""
    return {"items": terminals.list_for(finding.get_for(caller(request), sandbox_id))}


@router.patch("/terminals/{slug:terminal_id}", response=TerminalOut, summary="Change a terminal")
def change_terminal(request: HttpRequest, terminal_id: str, data: TerminalChange) -> Any:
    """Renames it, or sets its size, of which the programs in it hear."""
    terminal = terminals.get_for(caller(request), terminal_id)
    if data.name is not None:
        terminals.rename(terminal, data.name)
    if data.cols is not None or data.rows is not None:
        size = TerminalSize(data.cols or terminal.cols, data.rows or terminal.rows)
        terminals.resize(terminal, size)
    return terminal


@router.delete("/terminals/{slug:terminal_id}", response={204: None}, summary="Close a terminal")
def close_terminal(request: HttpRequest, terminal_id: str) -> Any:
    """Hangs up on its programs."""
    user = caller(request)
    terminals.close(terminals.get_for(user, terminal_id), by=user)
    return Status(204, None)


@router.post(
    "/terminals/{slug:terminal_id}/connect", response=TicketOut, summary="Connect to a terminal"
)
def connect_terminal(request: HttpRequest, terminal_id: str) -> Any:
    """Gives the address of a WebSocket, good for one connection within a minute.

    It sends JSON texts and binary frames: the offset of the first byte (8 bytes, big endian),
    then output. It takes binary frames of up to 64 KiB as input, and
    `{"type": "resize", "cols": …, "rows": …}`. Reconnect with `&after=OFFSET`.
    """
    terminal = terminals.get_for(caller(request), terminal_id)
    ticket = terminals.ticket(terminal, right_of(request))
    return {"path": f"/ws/terminals/{terminal.pk}/?ticket={ticket}"}
