"""To change a file that is there: read it, edit it, write it, restart what serves it."""

from __future__ import annotations

import re
from collections.abc import Callable

from chat.agent.demo import failures
from chat.agent.demo.reasons import failed
from chat.agent.demo.scene import Scene
from chat.agent.demo.scripts import offers, serving
from chat.agent.demo.steps import Call, Say, Script

Edit = Callable[[str], str]


def holding(scene: Scene, pattern: str) -> str:
    """The path of the file written last that holds the pattern; "" when none does."""
    found = re.compile(pattern)
    return next((path for path in reversed(scene.files) if found.search(scene.files[path])), "")


def changed(scene: Scene, pattern: str, edit: Edit, done: str) -> Script:
    """Change the file that holds the pattern; say `done` and where it shows."""
    path = holding(scene, pattern)
    if not path:
        yield from nothing_here(scene)
        return
    yield from rewritten(scene, path, pattern, edit)
    where = yield from shown(scene, [path])
    yield Say(f"{done} {where}")


def nothing_here(scene: Scene) -> Script:
    offered = [offers.build(scene, name) for name in ("landing", "todo")]
    yield Say(scene.voice("change.nothing_here", offers=offers.listed(offered)))


def read(scene: Scene, path: str) -> Script:
    """The present text of the file; ends the turn when it cannot be read whole."""
    voice = scene.voice
    present = yield Call(
        "read_file",
        {"path": path},
        thought=voice("think.read", path=path),
        words=voice("change.look", path=path),
    )
    if failed(present):
        yield failures.explain(scene, present)
    if present.data.get("note"):
        yield Say(voice("change.long", path=path))
    return present.data.get("content", "")


def rewritten(scene: Scene, path: str, pattern: str, edit: Edit) -> Script:
    """The file with the edit made; ends the turn when the edit finds nothing."""
    before = yield from read(scene, path)
    after = edit(before)
    if after == before:
        there = re.search(pattern, before)
        yield Say(scene.voice("change.same" if there else "change.not_found", path=path))
    yield from written(scene, {path: after}, words=scene.voice("change.only"))


def written(scene: Scene, texts: dict[str, str], *, words: str) -> Script:
    outcome = yield Call(
        "write_files",
        {"files": [{"path": path, "content": content} for path, content in texts.items()]},
        words=words,
    )
    if failed(outcome):
        yield failures.explain(scene, outcome)


def shown(scene: Scene, paths: list[str]) -> Script:
    """Restart the server whose program was changed; returns a sentence on where to see it."""
    serving_it = next(
        (
            one
            for one in reversed(scene.servers)
            if any(serving.serves(one, path) for path in paths)
        ),
        None,
    )
    if serving_it is not None:
        # The program holds the page in itself and has to be started anew.
        where = yield from serving.restarted(scene, serving_it)
        return where
    return scene.voice("change.reload")
