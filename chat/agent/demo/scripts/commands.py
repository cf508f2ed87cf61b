"""Commands and servers: run, stop, run again, address."""

from __future__ import annotations

import re
import shlex

from chat.agent.demo import reasons
from chat.agent.demo.scene import Scene, Server
from chat.agent.demo.scripts import sandbox, serving
from chat.agent.demo.steps import Call, Say, Script

_SHELL = re.compile(r"[|&;<>$`*?(){}~]|^\s*(cd|export|source|\.|alias|echo\s+\$)\b|^\w+=")
_SERVER_LINE = re.compile(
    r"http\.server|runserver|uvicorn|gunicorn|flask run|npm (start|run (dev|start|serve))|"
    r"\bserve\b|tail -f|--watch",
    re.I,
)
_SERVER_CODE = re.compile(r"\.listen\(|serve_forever|app\.run\(|HTTPServer\(")
_PORT_CODE = re.compile(r"(?:PORT\D{0,20}|listen\(\s*)(\d{4,5})")


def run(scene: Scene, line: str) -> Script:
    """Run what the person typed."""
    yield from sandbox.ensured(scene)
    command, args = split(line)
    if is_server(scene, line, args):
        port = _port_of(scene, line, args)
        outcome = yield from serving.started(
            command, args, port, words=f"I'll start `{line}` in the background."
        )
        ports = outcome.data.get("listening_ports") or []
        if not ports:
            yield Say(f"`{line}` is running in the background; it has opened no port so far.")
        yield Say(
            f"The app is running: it listens on port {ports[0]}.\n\n"
            f"Ask **What's the URL for port {ports[0]}?** to open it."
        )
    outcome = yield Call(
        "run_command",
        {"command": command, "args": args, "wait": True},
        thought="I run it and wait for its end.",
        words=f"I'll run `{line}`.",
    )
    if reasons.failed(outcome):
        yield reasons.explain(outcome)
    shown = reasons.last_lines(outcome.data.get("output", ""))
    ended = f"It ended with {outcome.data.get('outcome')} after {outcome.data.get('seconds')} s"
    yield Say(f"{ended}:\n\n```\n{shown}\n```" if shown else f"{ended} and printed nothing.")


def stop(scene: Scene) -> Script:
    arguments = {"command_id": scene.servers[-1].command_id} if scene.servers else {}
    outcome = yield Call(
        "stop_command", arguments, words="I'll stop it.", thought="The latest one is meant."
    )
    if reasons.failed(outcome):
        yield reasons.explain(outcome)
    yield Say(
        f"Stopped: `{outcome.data.get('command', 'the command')}`. "
        "Your files are untouched; say **Run it again** to start it once more."
    )


def again(scene: Scene) -> Script:
    """Start the latest server anew; stop it before when it still runs."""
    if scene.last_server is None:
        yield from _guess(scene)
        return
    where = yield from restarted(scene, scene.last_server)
    yield Say(f"Started again. {where}")


def restarted(scene: Scene, server: Server) -> Script:
    """Stop and start the server; returns a sentence with its address."""
    if server in scene.servers:
        # It may have ended by itself meanwhile; then there is nothing to stop.
        yield Call(
            "stop_command",
            {"command_id": server.command_id},
            thought="It may still be running: I stop it first.",
            words="I'll restart it.",
        )
    arguments: dict[str, object] = {
        "command": server.command,
        "args": server.arguments,
        "wait": False,
    }
    if server.env:
        arguments["env"] = server.env
    outcome = yield Call("run_command", arguments, words=f"Starting `{server.line}`.")
    if reasons.failed(outcome) or "status" not in outcome.data:
        yield reasons.explain(outcome)
    ports = outcome.data.get("listening_ports") or server.ports or [3000]
    where = yield from serving.address(ports[0])
    return where


def _guess(scene: Scene) -> Script:
    """Run what the files look like when nothing was run before."""
    for path, line in (("index.js", "node index.js"), ("app.py", "python3 app.py")):
        if path in scene.files:
            yield from run(scene, line)
            return
    yield Say(
        "Nothing has run in this conversation yet. Say for example **Run `python3 --version`**, "
        "or **Create a Python web app**."
    )


def url(scene: Scene, port: int | None) -> Script:
    if port is None:
        known = [number for server in scene.servers for number in server.ports]
        port = known[-1] if known else 3000
    outcome = yield Call("get_sandbox_url", {"port": port}, words=f"Let me look at port {port}.")
    if reasons.failed(outcome):
        yield reasons.explain(outcome)
    address = outcome.data.get("url", "")
    if outcome.data.get("listening"):
        yield Say(f"Port {port} is at [{address}]({address}) – the preview shows it as well.")
    yield Say(
        f"The address of port {port} is [{address}]({address}), but nothing listens there yet. "
        "Start the app first, for example with **Run it again**."
    )


def split(line: str) -> tuple[str, list[str]]:
    """Program and arguments; lines that need a shell get one."""
    try:
        words = shlex.split(line)
    except ValueError:
        words = []
    if not words or _SHELL.search(line):
        return "bash", ["-lc", line]
    return words[0], words[1:]


def is_server(scene: Scene, line: str, args: list[str]) -> bool:
    """Whether it would go on running: by its name, or by the code of the file it runs."""
    if _SERVER_LINE.search(line):
        return True
    return any(_SERVER_CODE.search(scene.files.get(arg.removeprefix("./"), "")) for arg in args)


def _port_of(scene: Scene, line: str, args: list[str]) -> int:
    """The port that it will take unless told otherwise; another when that one is taken."""
    taken = {port for server in scene.servers for port in server.ports}
    for text in (*(scene.files.get(arg.removeprefix("./"), "") for arg in args), line):
        found = _PORT_CODE.search(text) or re.search(r"\b(\d{4,5})\b", line)
        if found and int(found.group(1)) not in taken:
            return int(found.group(1))
    return scene.free_port
