"""To start a server, start it anew, and get its address."""

from __future__ import annotations

from collections.abc import Callable

from chat.agent.demo import failures
from chat.agent.demo.reasons import cause, failed
from chat.agent.demo.scene import Scene, Server
from chat.agent.demo.steps import Call, Script

# Beyond the highest known port: of a long conversation the beginning is forgotten, and with it
# which servers run.
BEYOND = (1, 2, 3, 10, 30, 100, 300)


def started(
    scene: Scene, command: str, args: list[str], port: int, *, words: str, cwd: str = ""
) -> Script:
    """Start a server on `port`; ends the turn with an explanation when that fails."""
    outcome = yield _start(scene, command, args, port, words=words, cwd=cwd)
    if failed(outcome) or "status" not in outcome.data:
        yield failures.explain(scene, outcome)
    return outcome


def _start(scene: Scene, command: str, args: list[str], port: int, *, words: str, cwd: str) -> Call:
    arguments: dict[str, object] = {"command": command, "args": args, "wait": False}
    if cwd:
        arguments["cwd"] = cwd
    if str(port) not in args and port != 3000:
        arguments["env"] = {"PORT": str(port)}
    return Call("run_command", arguments, thought=scene.voice("think.server"), words=words)


def on_free_port(
    scene: Scene, command_on: Callable[[int], list[str]], *, words: str, cwd: str = ""
) -> Script:
    """Start a server on the first port that nothing holds; returns (outcome, port). A sandbox may
    share its ports with others, so that one is known to be taken only when it was tried.
    """
    first = scene.free_port
    highest = max([first, *(port for server in scene.servers for port in server.ports)])
    for port in (first, *(highest + step for step in BEYOND)):
        command, *args = command_on(port)
        outcome = yield _start(scene, command, args, port, words=words, cwd=cwd)
        if not failed(outcome) or cause(outcome).kind != "port":
            break
        words = scene.voice("build.taken", port=port)
    if failed(outcome) or "status" not in outcome.data:
        yield failures.explain(scene, outcome)
    return outcome, port


def address(scene: Scene, port: int) -> Script:
    """The URL of a port, as a sentence for the end of an answer."""
    outcome = yield Call("get_sandbox_url", {"port": port}, words=scene.voice("build.address"))
    if failed(outcome):
        yield failures.explain(scene, outcome)
    key = "build.running" if outcome.data.get("listening") else "build.silent"
    return scene.voice(key, url=outcome.data.get("url", ""))


def restarted(scene: Scene, server: Server, *, port: int = 0) -> Script:
    """Stop and start the server, on another port if one is given; returns its address as a
    sentence.
    """
    if server in scene.servers:
        # It may have ended by itself meanwhile; then there is nothing to stop.
        yield Call(
            "stop_command", {"command_id": server.command_id}, words=scene.voice("run.restart")
        )
    arguments: dict[str, object] = {
        "command": server.command,
        "args": server.arguments,
        "wait": False,
    }
    if server.cwd:
        arguments["cwd"] = server.cwd
    env = {**server.env, "PORT": str(port)} if port else server.env
    if env:
        arguments["env"] = env
    outcome = yield Call(
        "run_command", arguments, words=scene.voice("run.starting", line=server.line)
    )
    if failed(outcome) or "status" not in outcome.data:
        yield failures.explain(scene, outcome)
    ports = outcome.data.get("listening_ports") or ([port] if port else server.ports) or [3000]
    where = yield from address(scene, ports[0])
    return where


def serves(server: Server, path: str) -> bool:
    """Whether the program itself is that file, so that a change needs a new start."""
    return path in server.arguments or f"{server.cwd}/{server.arguments[-1:]}" == path
