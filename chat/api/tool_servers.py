"""Servers of tools of one's own (Model Context Protocol)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from chat.models import ToolServer
from chat.services.mcp import server_tools, tool_servers
from chat.tool_servers.headers import MOST
from vibe.api.authentication import access, caller
from vibe.api.fields import JsonObject, Text

router = Router(auth=access("admin"))
HEADERS = "Sent with each request, kept encrypted, never told. Replaces all that are there."


class ServerToolOut(Schema):
    name: str = Field(alias="shown", description="As models call it.", examples=["weather__today"])
    description: str = Field(description="The server's own words.")
    read_only: bool = Field(description="Whether the operator lets plan mode use it.")


class ToolServerOut(Schema):
    id: str = Field(examples=["tools_9z5b3n6k2v8q5a1c7m4x"])
    name: str
    url: str
    header_names: list[str] = Field(description="Their values are never told.")
    enabled: bool
    healthy: bool | None = Field(alias="is_healthy", description="Null until it was asked.")
    last_error: str
    checked_at: datetime | None
    tools: list[ServerToolOut]

    @staticmethod
    def resolve_tools(server: ToolServer) -> list[dict[str, Any]]:
        return [{**tool, "read_only": tool["name"] in server.read_only} for tool in server.tools]


class ToolServersOut(Schema):
    items: list[ToolServerOut]


class ToolServerIn(JsonObject):
    name: Text = Field(max_length=tool_servers.NAME_LENGTH, examples=["Weather"])
    url: Text = Field(
        max_length=tool_servers.ADDRESS_LENGTH, examples=["https://tools.example.com/mcp"]
    )
    headers: dict[Text, Text] = Field({}, max_length=MOST, description=HEADERS)
    enabled: bool = True


class ToolServerPatch(JsonObject):
    name: Text | None = Field(None, max_length=tool_servers.NAME_LENGTH)
    url: Text | None = Field(None, max_length=tool_servers.ADDRESS_LENGTH)
    headers: dict[Text, Text] | None = Field(None, max_length=MOST, description=HEADERS)
    enabled: bool | None = None


@router.get("/tool-servers", response=ToolServersOut, summary="List your servers of tools")
def list_tool_servers(request: HttpRequest) -> Any:
    """Of your own, with the tools that they told last."""
    return {"items": tool_servers.list_for(caller(request))}


@router.post("/tool-servers", response={201: ToolServerOut}, summary="Add a server of tools")
def create_tool_server(request: HttpRequest, data: ToolServerIn) -> Any:
    """It speaks MCP over streamable HTTP. Its address must be public, unless whoever runs the
    platform allows others. Test it to see its tools."""
    return Status(201, tool_servers.create(caller(request), **data.dict()))


@router.patch(
    "/tool-servers/{slug:server_id}", response=ToolServerOut, summary="Change a server of tools"
)
def change_tool_server(request: HttpRequest, server_id: str, data: ToolServerPatch) -> Any:
    """An address of another server needs the headers anew."""
    server = tool_servers.get_for(caller(request), server_id)
    given = {name: value for name, value in data.dict().items() if value is not None}
    return tool_servers.change(server, given)


@router.delete(
    "/tool-servers/{slug:server_id}", response={204: None}, summary="Delete a server of tools"
)
def delete_tool_server(request: HttpRequest, server_id: str) -> Any:
    """With its headers."""
    tool_servers.delete(tool_servers.get_for(caller(request), server_id))
    return Status(204, None)


@router.post(
    "/tool-servers/{slug:server_id}/test", response=ToolServerOut, summary="Test a server of tools"
)
def test_tool_server(request: HttpRequest, server_id: str) -> Any:
    """Ask it for its tools; `healthy` and `last_error` say how that went."""
    user = caller(request)
    return server_tools.check(tool_servers.get_for(user, server_id), user)
