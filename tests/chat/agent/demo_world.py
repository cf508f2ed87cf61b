"""A platform of paper: it answers the demo model's calls as the tools do, from dictionaries."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)

from chat.agent.demo.replay import next_step
from chat.agent.demo.steps import Call

SUGGESTION = re.compile(r"\*\*(.+?)\*\*", re.S)
STEPS = 30


@dataclass
class World:
    """`programs` says how a command ends: {line: (exit code, output)}; others end well."""

    messages: list[ModelMessage] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    programs: dict[str, tuple[int, str]] = field(default_factory=dict)
    has_sandbox: bool = False
    ports: dict[str, int] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    commands: int = 0

    def say(self, text: str, *, meanwhile: str = "") -> str:
        """Send a request, and perhaps another after its first step; the last words said."""
        self.messages.append(ModelRequest(parts=[UserPromptPart(text)]))
        self.calls = []
        for _ in range(STEPS):
            added = int(bool(meanwhile and self.calls))
            step = next_step(self.messages, has_sandbox=self.has_sandbox, added=added)
            if not isinstance(step, Call):
                self.messages.append(ModelResponse(parts=[TextPart(step.words)]))
                return step.words
            self.calls.append(step)
            call = ToolCallPart(step.tool, step.arguments)
            ok, content = self.answer(step)
            outcome = "success" if ok else "failed"
            answer = ToolReturnPart(step.tool, content, call.tool_call_id, outcome=outcome)
            self.messages += [ModelResponse(parts=[call]), ModelRequest(parts=[answer])]
            if meanwhile and len(self.calls) == 1:
                self.messages.append(ModelRequest(parts=[UserPromptPart(meanwhile)]))
        raise AssertionError(f"{text!r} never ends: {[call.tool for call in self.calls]}")

    def answer(self, step: Call) -> tuple[bool, object]:
        arguments = step.arguments
        if step.tool != "create_sandbox" and not self.has_sandbox:
            return False, "x failed: This conversation has no sandbox yet.\nCode: not_found"
        match step.tool:
            case "create_sandbox":
                self.has_sandbox, self.files, self.ports = True, {}, {}
                return True, {"name": "box"}
            case "write_files":
                self.files |= {file["path"]: file["content"] for file in arguments["files"]}
                return True, {"written": []}
            case "read_file":
                path = arguments["path"]
                if path not in self.files:
                    return False, f"read_file failed: {path} cannot be read.\nCode: not_found"
                return True, {"path": path, "content": self.files[path]}
            case "list_files":
                return True, {"entries": list(self.files)}
            case "search_files":
                found = [path for path, text in self.files.items() if arguments["text"] in text]
                return True, {"matches": found}
            case "run_command":
                return self.run(arguments)
            case "get_sandbox_url":
                port = arguments["port"]
                listening = port in self.ports.values()
                return True, {"url": f"http://{port}-box.localhost/", "listening": listening}
            case "stop_command":
                if not self.ports:
                    return False, "stop_command failed: No command is running.\nCode: not_found"
                gone = arguments.get("command_id") or list(self.ports)[-1]
                self.ports.pop(gone, None)
                return True, {"command_id": gone, "command": "it", "outcome": "stopped"}
        raise AssertionError(f"No such tool: {step.tool}")

    def run(self, arguments: dict) -> tuple[bool, object]:
        self.commands += 1
        number = f"cmd_{self.commands}"
        line = " ".join([arguments["command"], *arguments.get("args", [])])
        code, output = self.programs.get(line, (0, ""))
        if arguments["command"] == "mv" and code == 0:
            old, new = arguments["args"][-2:]
            self.files[new] = self.files.pop(old)
        if code or arguments["wait"]:
            error = f"No such file or directory: {line}" if code == 127 and not output else ""
            outcome = f"exit code {code}"
            return True, {
                "command_id": number, "outcome": outcome, "exit_code": code, "seconds": 0.1,
                "output": output, "error": error,
            }  # fmt: skip
        text = re.search(r"\b(3\d{3})\b", line)
        port = int((arguments.get("env") or {}).get("PORT") or (text.group(1) if text else 3000))
        self.ports[number] = port
        return True, {"command_id": number, "status": "running", "listening_ports": [port]}

    def kept(self) -> World:
        """The same state once more, so that something can be tried on it."""
        return World(
            [*self.messages], {**self.files}, {**self.programs}, self.has_sandbox, {**self.ports},
            commands=self.commands,
        )  # fmt: skip


def suggestions(words: str) -> list[str]:
    """What an answer offers to send next."""
    return SUGGESTION.findall(words)
