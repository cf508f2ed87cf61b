"""To take back a change, and to mend what failed."""

from __future__ import annotations

from chat.agent.demo import catalogue, failures
from chat.agent.demo.catalogue import Bug
from chat.agent.demo.reasons import Cause, cause, failed
from chat.agent.demo.scene import Scene
from chat.agent.demo.scripts import editing, offers, serving
from chat.agent.demo.steps import Call, Outcome, Say, Script


def undo(scene: Scene) -> Script:
    """Put back what the last change replaced, unless somebody changed it since."""
    voice = scene.voice
    if not scene.changes:
        yield Say(voice("undo.nothing"))
    last = scene.changes[-1]
    back: dict[str, str] = {}
    for path, (before, after) in last.texts.items():
        present = yield Call("read_file", {"path": path}, words=voice("undo.look"))
        if failed(present):
            yield failures.explain(scene, present)
        if present.data.get("note") or present.data.get("content") != after:
            yield Say(voice("undo.changed", path=path))
        back[path] = before
    for old, new in reversed(last.moves):
        moved = yield Call(
            "run_command",
            {"command": "mv", "args": ["-n", "--", new, old], "wait": True},
            words=voice("undo.write"),
        )
        if failed(moved):
            yield failures.explain(scene, moved)
    if back:
        yield from editing.written(scene, back, words=voice("undo.write"))
    if not back:
        yield Say(voice("undo.moved", path=last.moves[-1][0]))
    where = yield from editing.shown(scene, list(back))
    files = ", ".join(f"`{path}`" for path in back)
    yield Say(
        voice("undo.done", request=last.request.replace("*", "")[:80], files=files, where=where)
    )


def fix(scene: Scene) -> Script:
    """Mend the fault that a recipe was given, or what the last failure was caused by."""
    bug, path = _bug(scene)
    if bug is not None and not scene.just_failed:
        yield from _without_bug(scene, bug, path)
    if scene.failure is None:
        again = scene.voice.offer("again" if scene.last_server else "help")
        yield Say(scene.voice("fix.nothing", offers=again))
        return
    yield from _mend(scene, scene.failure, cause(scene.failure))


def _bug(scene: Scene) -> tuple[Bug | None, str]:
    for bug in catalogue.bugs():
        for path in reversed(scene.files):
            if path.endswith(bug.file) and bug.find in scene.files[path]:
                return bug, path
    return None, ""


def _without_bug(scene: Scene, bug: Bug, path: str) -> Script:
    voice = scene.voice
    language = voice.language
    present = yield Call(
        "read_file",
        {"path": path},
        words=voice("fix.bug", cause=catalogue.in_language(bug.cause, language)),
    )
    content = present.data.get("content", "")
    if failed(present) or present.data.get("note") or bug.find not in content:
        yield Say(voice("change.not_found", path=path))
    mended = content.replace(bug.find, bug.replace)
    yield from editing.written(scene, {path: mended}, words=voice("change.only"))
    where = yield from editing.shown(scene, [path])
    change = catalogue.in_language(bug.change, language)
    yield Say(voice("fix.bug_done", change=change, where=where))


def _mend(scene: Scene, failure: Outcome, why: Cause) -> Script:
    voice = scene.voice
    match why.kind:
        case "package":
            yield from _with_package(scene, failure, why.name)
        case "port":
            server = scene.last_server
            port = scene.free_port + 1
            if server is not None:
                where = yield from serving.restarted(scene, server, port=port)
                yield Say(where)
            retried = yield from _retried(scene, failure, {"PORT": str(port)})
            yield Say(f"{voice('fix.port', port=port)} {retried}")
        case "file":
            known = ", ".join(f"`{path}`" for path in list(scene.files)[-8:])
            there = voice("files.are_there", files=known) if known else ""
            said = voice("fix.no_file", name=why.name, known=there)
            yield Say(f"{said} {voice('fail.offers', offers=voice.offer('list'))}")
        case "program":
            said = voice("fix.no_program", name=why.name)
            yield Say(f"{said} {voice('fail.offers', offers=offers.after_failure(scene))}")
        case "syntax":
            yield Say(voice("fix.syntax", detail=why.detail, offers=voice.offer("list")))
        case "runtime":
            yield failures.explain(scene, failure)
        case _:
            detail = f"`{why.detail}`" if why.detail else ""
            said = voice("fix.unknown", detail=detail)
            yield Say(f"{said} {voice('fail.offers', offers=offers.after_failure(scene))}")


def _with_package(scene: Scene, failure: Outcome, name: str) -> Script:
    node = failure.arguments.get("command") in ("node", "npm", "npx")
    package = name if node else name.partition(".")[0]
    installed = yield Call(
        "run_command",
        {"command": "npm" if node else "pip", "args": ["install", package], "wait": True},
        words=scene.voice("fix.missing_package", name=package),
    )
    if failed(installed):
        yield failures.explain(scene, installed)
    retried = yield from _retried(scene, failure, {})
    yield Say(retried)


def _retried(scene: Scene, failure: Outcome, env: dict[str, str]) -> Script:
    """Run what failed once more; returns a sentence, or ends the turn when it fails again."""
    arguments = dict(failure.arguments)
    if env:
        arguments["env"] = {**(arguments.get("env") or {}), **env}
    outcome = yield Call("run_command", arguments, words=scene.voice("fix.retry"))
    if failed(outcome):
        yield failures.explain(scene, outcome)
    ports = outcome.data.get("listening_ports")
    if ports:
        where = yield from serving.address(scene, ports[0])
        return f"{scene.voice('fix.fixed')} {where}"
    return scene.voice("fix.fixed")
