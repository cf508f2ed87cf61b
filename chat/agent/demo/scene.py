"""What the demo model knows: the request, the steps it took for it, and what earlier turns left."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    RetryPromptPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)

from chat.agent.demo.steps import Outcome

FIRST_PORT = 3000


@dataclass(frozen=True)
class Server:
    """A background command that an earlier step left running."""

    command_id: str
    command: str
    arguments: list[str]
    env: dict[str, str]
    ports: list[int]

    @property
    def line(self) -> str:
        return shlex.join([self.command, *self.arguments])


@dataclass
class Scene:
    request: str = ""
    outcomes: list[Outcome] = field(default_factory=list)
    has_sandbox: bool = False
    files: dict[str, str] = field(default_factory=dict)
    servers: list[Server] = field(default_factory=list)
    last_server: Server | None = None

    @property
    def free_port(self) -> int:
        taken = {port for server in self.servers for port in server.ports}
        return next(port for port in range(FIRST_PORT, 65536) if port not in taken)


def read(messages: Sequence[ModelMessage]) -> Scene:
    """The scene that the message history tells of."""
    scene = Scene()
    for entry in _entries(messages):
        if isinstance(entry, str):
            for outcome in scene.outcomes:
                _remember(scene, outcome)
            scene.request, scene.outcomes = entry, []
        else:
            scene.outcomes.append(entry)
    return scene


def _entries(messages: Sequence[ModelMessage]) -> Iterator[str | Outcome]:
    """Requests of the person and outcomes of calls, in order."""
    calls: dict[str, ToolCallPart] = {}
    for message in messages:
        if isinstance(message, ModelResponse):
            calls.update(
                {
                    part.tool_call_id: part
                    for part in message.parts
                    if isinstance(part, ToolCallPart)
                }
            )
        elif isinstance(message, ModelRequest):
            for part in message.parts:
                if isinstance(part, UserPromptPart):
                    yield _text(part)
                elif isinstance(part, ToolReturnPart | RetryPromptPart):
                    call = calls.get(part.tool_call_id)
                    if call is not None:
                        yield _outcome(call, part)


def _text(part: UserPromptPart) -> str:
    if isinstance(part.content, str):
        return part.content
    return "\n".join(item for item in part.content if isinstance(item, str))


def _outcome(call: ToolCallPart, part: ToolReturnPart | RetryPromptPart) -> Outcome:
    ok = isinstance(part, ToolReturnPart) and part.outcome == "success"
    content: Any = part.content
    data = content if isinstance(content, dict) else {}
    text = content if isinstance(content, str) else json.dumps(content, default=str)
    return Outcome(call.tool_name, call.args_as_dict(), ok, data if ok else {}, text)


def _remember(scene: Scene, outcome: Outcome) -> None:
    if not outcome.ok:
        return
    match outcome.tool:
        case "create_sandbox":
            scene.has_sandbox = True
            scene.files, scene.servers, scene.last_server = {}, [], None
        case "write_files":
            scene.has_sandbox = True
            for file in outcome.arguments.get("files", []):
                # The file written last comes last: "change the heading" means that one.
                scene.files.pop(file["path"], None)
                scene.files[file["path"]] = file["content"]
        case "run_command" if "status" in outcome.data:
            scene.last_server = Server(
                command_id=outcome.data["command_id"],
                command=outcome.arguments.get("command", ""),
                arguments=outcome.arguments.get("args") or [],
                env=outcome.arguments.get("env") or {},
                ports=outcome.data.get("listening_ports", []),
            )
            scene.servers.append(scene.last_server)
        case "stop_command":
            gone = outcome.data.get("command_id")
            scene.servers = [one for one in scene.servers if one.command_id != gone]
