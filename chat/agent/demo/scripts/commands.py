"""Commands and servers: run, stop, run again, address."""

from __future__ import annotations

import re
import shlex

from chat.agent.demo import catalogue, failures, reasons
from chat.agent.demo.scene import Scene, Server
from chat.agent.demo.scripts import offers, sandbox, serving
from chat.agent.demo.steps import Call, Say, Script

_SHELL = re.compile(r"[|&;<>$`*?(){}~]|^\s*(cd|export|source|\.|alias|echo\s+\$)\b|^\w+=")
_SERVER_LINE = re.compile(
    r"http\.server|runserver|uvicorn|gunicorn|flask run|npm (start|run (dev|start|serve))|"
    r"\bserve\b|tail -f|--watch",
    re.I,
)
_SERVER_CODE = re.compile(r"\.listen\(|serve_forever|app\.run\(|HTTPServer\(|uvicorn\.run\(")
_PORT_CODE = re.compile(r"(?:PORT\D{0,20}|listen\(\s*)(\d{4,5})")


def run(scene: Scene, line: str) -> Script:
    """Run what the person typed."""
    yield from sandbox.ensured(scene)
    voice = scene.voice
    command, args = split(line)
    if is_server(scene, line, args):
        port = _port_of(scene, line, args)
        outcome = yield from serving.started(
            scene, command, args, port, words=voice("run.server", line=line)
        )
        ports = outcome.data.get("listening_ports") or []
        if not ports:
            yield Say(voice("run.no_port", line=line))
        yield Say(voice("run.listening", port=ports[0], offers=voice.offer("url", port=ports[0])))
    outcome = yield Call(
        "run_command",
        {"command": command, "args": args, "wait": True},
        words=voice("run.command", line=line),
    )
    if reasons.failed(outcome):
        yield failures.explain(scene, outcome)
    yield Say(_ended(scene, outcome.data))


def _ended(scene: Scene, data: dict[str, object]) -> str:
    shown = reasons.last_lines(str(data.get("output", "")))
    facts = {"outcome": data.get("outcome"), "seconds": data.get("seconds")}
    if shown:
        return scene.voice("run.ended", output=shown.replace("```", "ʼʼʼ"), **facts)
    return scene.voice("run.quiet", **facts)


def stop(scene: Scene) -> Script:
    voice = scene.voice
    if not scene.has_sandbox:
        yield Say(voice("run.nothing_runs"))
    meant = _meant(scene, scene.servers)
    arguments = {"command_id": meant.command_id} if meant else {}
    outcome = yield Call("stop_command", arguments, words=voice("run.stop"))
    if reasons.failed(outcome):
        yield failures.explain(scene, outcome)
    line = outcome.data.get("command", "")
    yield Say(voice("run.stopped", line=line, offers=voice.offer("again")))


def again(scene: Scene) -> Script:
    """Start the latest server anew; stop it before when it still runs."""
    meant = _meant(scene, scene.started)
    if meant is None:
        yield from _guess(scene)
        return
    where = yield from serving.restarted(scene, meant)
    yield Say(f"{scene.voice('run.again')} {where}")


def _meant(scene: Scene, servers: list[Server]) -> Server | None:
    """The server of the app that the request names, else the latest."""
    name = scene.intent.recipe
    folder = catalogue.recipe(name).folder.rstrip("/") if name else ""
    named = [one for one in servers if folder and folder in f"{one.cwd}/{one.line}"]
    chosen = named or servers
    return chosen[-1] if chosen else None


def _guess(scene: Scene) -> Script:
    """Run what the files look like when nothing was run before."""
    for path, line in (("index.js", "node index.js"), ("app.py", "python3 app.py")):
        if path in scene.files:
            yield from run(scene, line)
            return
    voice = scene.voice
    offered = offers.listed([voice.offer("version"), offers.build(scene, "todo")])
    yield Say(voice("run.nothing_yet", offers=offered))


def url(scene: Scene, port: int | None) -> Script:
    voice = scene.voice
    known = [number for server in scene.servers for number in server.ports]
    if not scene.has_sandbox:
        yield Say(voice("run.nothing_yet", offers=offers.build(scene, "todo")))
    port = port or (known[-1] if known else 3000)
    outcome = yield Call("get_sandbox_url", {"port": port}, words=voice("url.look", port=port))
    if reasons.failed(outcome):
        yield failures.explain(scene, outcome)
    address = outcome.data.get("url", "")
    if outcome.data.get("listening"):
        yield Say(voice("url.is", port=port, url=address))
    runnable = scene.last_server or {"index.js", "app.py"} & set(scene.files)
    offered = voice.offer("again") if runnable else offers.build(scene, "todo")
    yield Say(voice("url.not", port=port, url=address, offers=offered))


def install(scene: Scene, name: str) -> Script:
    """Install a package with what the project speaks: npm beside a package.json, else pip."""
    node = any(path.endswith("package.json") for path in scene.files)
    folder = next(
        (path[: -len("package.json")] for path in scene.files if "package.json" in path), ""
    )
    prefix = ["--prefix", folder.rstrip("/")] if node and folder else []
    program = "npm" if node else "pip"
    yield from run(scene, shlex.join([program, "install", *prefix, name]))


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
