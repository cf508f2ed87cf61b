"""What the demo model knows: the request, the steps it took for it, and what earlier turns left."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from chat.agent.demo import history
from chat.agent.demo.reasons import failed
from chat.agent.demo.speech import Voice
from chat.agent.demo.steps import Outcome
from chat.agent.demo.understanding.intent import understand
from chat.agent.demo.understanding.meaning import Intent
from chat.tools.registry import TALKING

FIRST_PORT = 3000


@dataclass(frozen=True)
class Server:
    """A background command that an earlier step left running."""

    command_id: str
    command: str
    arguments: list[str]
    env: dict[str, str]
    ports: list[int]
    cwd: str = ""

    @property
    def line(self) -> str:
        return shlex.join([self.command, *self.arguments])


@dataclass
class Change:
    """What one turn did to files: {path: (before, after)}, and files that it moved (from, to)."""

    request: str
    texts: dict[str, tuple[str, str]] = field(default_factory=dict)
    moves: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Scene:
    request: str = ""
    intent: Intent = field(default_factory=lambda: Intent("unknown"))
    outcomes: list[Outcome] = field(default_factory=list)
    has_sandbox: bool = False
    # Whether all that is in the sandbox may be known: it was made here, and nothing else was run.
    knows_all: bool = False
    # The file written last comes last: "change the heading" means that one.
    files: dict[str, str] = field(default_factory=dict)
    servers: list[Server] = field(default_factory=list)
    last_server: Server | None = None
    # All that was started, also what has ended since.
    started: list[Server] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    # The last command of the last turn that ran one, if it failed.
    failure: Outcome | None = None
    # Whether that was in the turn before this one.
    just_failed: bool = False
    # What was answered before, and how often something was beyond it.
    said: list[str] = field(default_factory=list)
    intents: list[str] = field(default_factory=list)
    voice: Voice = field(default_factory=Voice)

    @property
    def free_port(self) -> int:
        taken = {port for server in self.servers for port in server.ports}
        return next(port for port in range(FIRST_PORT, 65536) if port not in taken)


def read(turns: Sequence[history.Turn], *, has_sandbox: bool | None = None) -> Scene:
    """The scene that the turns so far tell of, the present one last. `has_sandbox`: whether the
    conversation has one at this moment, where that is known; it may be deleted, or come from
    elsewhere.
    """
    scene = Scene()
    *earlier, now = turns or [history.Turn("")]
    for turn in earlier:
        intent = _begin(scene, turn.request)
        _remember(scene, turn, intent)
    scene.intent = _begin(scene, now.request)
    scene.request, scene.outcomes = now.request, now.outcomes
    # The script is replayed from the start of the turn: a first step that made one had none.
    acted = [outcome for outcome in now.outcomes if outcome.tool not in TALKING]
    made = [number for number, one in enumerate(acted) if one.tool == "create_sandbox"]
    if made[:1] == [0]:
        scene.has_sandbox = False
    elif has_sandbox is not None and not made:
        scene.has_sandbox = has_sandbox
    return scene


def _begin(scene: Scene, request: str) -> Intent:
    intent = understand(request, has_app=bool(scene.files))
    if intent.language:
        scene.voice = Voice(intent.language)
    return intent


def _remember(scene: Scene, turn: history.Turn, intent: Intent) -> None:
    change = Change(turn.request)
    read_now: dict[str, str] = {}
    ran = [outcome for outcome in turn.outcomes if outcome.tool == "run_command"]
    if ran:
        scene.failure = ran[-1] if failed(ran[-1]) else None
    scene.just_failed = bool(ran and failed(ran[-1]))
    for outcome in turn.outcomes:
        if outcome.ok:
            scene.has_sandbox = True
            if outcome.tool == "read_file":
                read_now[outcome.data.get("path", "")] = outcome.data.get("content", "")
            _apply(scene, outcome, change, read_now)
    if intent.name in ("run", "install"):
        scene.knows_all = False
    if intent.name == "undo":
        # What was put back is no change of its own: the next "undo" means the one before.
        if scene.changes and (change.texts or change.moves):
            scene.changes.pop()
    elif change.texts or change.moves:
        scene.changes.append(change)
    scene.said.append(turn.said)
    scene.intents.append(intent.name)


def _apply(scene: Scene, outcome: Outcome, change: Change, read_now: dict[str, str]) -> None:
    arguments = outcome.arguments
    match outcome.tool:
        case "create_sandbox":
            scene.knows_all = True
            scene.files, scene.servers, scene.last_server = {}, [], None
            scene.started = []
            scene.changes = []
        case "write_files":
            for file in arguments.get("files", []):
                path, content = file["path"], file["content"]
                before = read_now.get(path, scene.files.get(path))
                if before is not None:
                    change.texts[path] = (before, content)
                scene.files.pop(path, None)
                scene.files[path] = content
        case "run_command" if "status" in outcome.data:
            scene.last_server = Server(
                command_id=outcome.data["command_id"],
                command=arguments.get("command", ""),
                arguments=arguments.get("args") or [],
                env=arguments.get("env") or {},
                ports=outcome.data.get("listening_ports") or _meant_ports(arguments),
                cwd=arguments.get("cwd", ""),
            )
            scene.servers.append(scene.last_server)
            scene.started.append(scene.last_server)
        case "run_command" if arguments.get("command") == "mv" and not failed(outcome):
            *_, old, new = arguments.get("args") or ["", ""]
            change.moves.append((old, new))
            if old in scene.files:
                scene.files[new] = scene.files.pop(old)
        case "stop_command":
            gone = outcome.data.get("command_id")
            scene.servers = [one for one in scene.servers if one.command_id != gone]


def _meant_ports(arguments: dict[str, Any]) -> list[int]:
    """The port that a server was told, which it may open later: it is not free for another."""
    told = [(arguments.get("env") or {}).get("PORT", ""), *(arguments.get("args") or [])]
    numbers = (int(word) for word in map(str, told) if word.isdecimal() and len(word) <= 5)
    return [number for number in numbers if FIRST_PORT <= number <= 65535][:1]
