"""To build what a recipe describes: files, packages, start, address."""

from __future__ import annotations

import re

from chat.agent.demo import catalogue, failures, landing
from chat.agent.demo.catalogue import Recipe
from chat.agent.demo.reasons import failed
from chat.agent.demo.scene import Scene
from chat.agent.demo.scripts import offers, sandbox, serving, styling
from chat.agent.demo.steps import Call, Say, Script
from chat.agent.demo.understanding.meaning import Intent

NODE_HELLO = "node_hello"
_RUN = re.compile(r"\b(?:run|start|launch|serve|open|starte?|lance|ejecuta)\b", re.I)


def build(scene: Scene, intent: Intent) -> Script:
    recipe = catalogue.recipe(intent.recipe)
    there = yield from _paths(scene)
    folder = _folder(there, recipe)
    files = _files(scene, recipe, folder, intent)
    yield from sandbox.ensured(scene)
    voice = scene.voice
    words = voice("build.write")
    if intent.instead_of:
        instead = voice("build.instead", asked=intent.instead_of, made=recipe.made_with)
        words = f"{instead} {words}"
    written = yield Call("write_files", {"files": files}, thought=voice("think.files"), words=words)
    if failed(written):
        yield failures.explain(scene, written)
    if recipe.name == NODE_HELLO and not _RUN.search(scene.request):
        # A person may want to start it, and is told how.
        yield Say(_not_started(scene, folder, intent, recipe))
    yield from _installed(scene, recipe, folder)
    started, port = yield from serving.on_free_port(
        scene,
        lambda number: _start(recipe, folder, number),
        words=voice("build.start"),
        cwd=folder.rstrip("/") if recipe.inside else "",
    )
    ports = started.data.get("listening_ports") or [port]
    where = yield from serving.address(scene, port if port in ports else ports[0])
    yield Say(_done(scene, recipe, intent, files, where))


def _paths(scene: Scene) -> Script:
    """The paths of all files in the sandbox: known, or looked up where others may have written."""
    if scene.knows_all or not scene.has_sandbox:
        return set(scene.files)
    listed = yield Call("list_files", words=scene.voice("files.look"))
    if failed(listed):
        yield failures.explain(scene, listed)
    entries = (entry.rpartition(" (")[0] or entry for entry in listed.data.get("entries", []))
    return set(scene.files) | set(entries)


def _folder(there: set[str], recipe: Recipe) -> str:
    """Where the app goes: its own place, or the next free one. Nothing is ever replaced."""
    names = [file["path"] for file in recipe.files(recipe.folder, {})]
    if not set(names) & there:
        return recipe.folder
    tops = {path.split("/")[0] for path in there}
    name = recipe.folder.rstrip("/") or recipe.name.replace("_", "-")
    if recipe.folder == "" and name not in tops:
        return f"{name}/"
    return next(f"{name}-{number}/" for number in range(2, 1000) if f"{name}-{number}" not in tops)


def _files(scene: Scene, recipe: Recipe, folder: str, intent: Intent) -> catalogue.Files:
    values = landing.values(intent) if recipe.name == "landing" else {}
    title = catalogue.in_language(recipe.title, scene.voice.language)
    heading = intent.heading or values.pop("heading", "") or title
    values["heading"] = catalogue.escaped(heading)
    files = recipe.files(folder, values)
    if intent.colour:
        for file in files:
            file["content"] = styling.accent(file["content"], intent.colour)
    return files


def _installed(scene: Scene, recipe: Recipe, folder: str) -> Script:
    if not recipe.install:
        return
    command, *args = [part.replace("{folder}", folder) for part in recipe.install]
    arguments: dict[str, object] = {"command": command, "args": args, "wait": True}
    if recipe.inside:
        arguments["cwd"] = folder.rstrip("/")
    installed = yield Call("run_command", arguments, words=scene.voice("build.install"))
    if failed(installed):
        said = failures.explain(scene, installed).words
        offered = offers.builds(scene, "todo", "dashboard")
        after = scene.voice("fail.install_after", offers=offered)
        yield Say("\n\n".join([scene.voice("fail.install"), said, after]))


def _start(recipe: Recipe, folder: str, port: int) -> list[str]:
    if recipe.start:
        return [
            part.replace("{folder}", folder).replace("{port}", str(port)) for part in recipe.start
        ]
    return ["python3", "-u", "-m", "http.server", str(port), "--directory", folder.rstrip("/")]


def _done(scene: Scene, recipe: Recipe, intent: Intent, files: catalogue.Files, where: str) -> str:
    voice = scene.voice
    parts = [f"{catalogue.in_language(recipe.done, voice.language)} {where}"]
    if intent.instead_of:
        parts.append(voice("build.instead_end", asked=intent.instead_of, made=recipe.made_with))
    if intent.text:
        parts.append(voice("build.example", subject=intent.text))
    shown = [file["path"] for file in files if not file["path"].endswith((".json", ".txt", ".svg"))]
    parts.append(voice("build.files", files=", ".join(f"`{path}`" for path in shown[:6])))
    parts.append(voice("build.next", offers=_next(scene, recipe, files)))
    return "\n\n".join(parts)


def _next(scene: Scene, recipe: Recipe, files: catalogue.Files) -> str:
    voice = scene.voice
    colour = offers.another_colour(scene, [file["content"] for file in files])
    if recipe.bug:
        return offers.listed([voice.offer("fix"), colour])
    more = voice.offer("page") if recipe.pages is not None else voice.offer("heading")
    return offers.listed([colour, voice.offer("dark"), more])


def _not_started(scene: Scene, folder: str, intent: Intent, recipe: Recipe) -> str:
    voice = scene.voice
    path = f"{folder}index.js"
    offered = voice.offer("run_node") if not folder else f"**Run `node {path}`**"
    said = voice("build.not_started", path=path, port=scene.free_port, offers=offered)
    if intent.instead_of:
        made = voice("build.instead_end", asked=intent.instead_of, made=recipe.made_with)
        return f"{made}\n\n{said}"
    return said
