"""Small changes to a page that the demo model wrote: words, colours, sizes, names."""

from __future__ import annotations

import re

from chat.agent.demo import failures
from chat.agent.demo.catalogue import SHARED, escaped
from chat.agent.demo.reasons import failed
from chat.agent.demo.scene import Scene
from chat.agent.demo.scripts import editing, offers, styling
from chat.agent.demo.steps import Call, Say, Script
from chat.agent.demo.understanding.meaning import Intent

SWITCH = "data-theme-switch"


def words(scene: Scene, intent: Intent) -> Script:
    """Set the heading and title, or the line below the heading."""
    if not intent.text:
        yield Say(scene.voice("change.what_words", offers=scene.voice.offer("heading")))
    safe = escaped(intent.text)

    def edit(content: str) -> str:
        if intent.what == "lead":
            return _inside(content, r"<p class=\"lead\"[^>]*>", "</p>", safe)
        content = _inside(content, r"<h1[^>]*>", "</h1>", safe)
        return _inside(content, r"<title>", "</title>", safe)

    what = "lead" if intent.what == "lead" else "heading"
    done = scene.voice("change.words", what=scene.voice(f"what.{what}"), text=intent.text)
    yield from editing.changed(scene, r"<p class=\"lead\"" if what == "lead" else "<h1", edit, done)


def colour(scene: Scene, intent: Intent) -> Script:
    """Set the accent colour, or the background's, where it is defined."""
    value = intent.colour
    if not value:
        offered = scene.voice.offer("colour" if intent.name == "colour" else "background")
        if not scene.files:
            yield from editing.nothing_here(scene)
        yield Say(scene.voice("change.which_colour", offers=offered))
    done = scene.voice(f"change.{intent.name}", value=value)
    mark, edit = (
        (r"--page\s*:", styling.background)
        if intent.name == "background"
        else (r"--accent\s*:", styling.accent)
    )
    yield from editing.changed(scene, mark, lambda content: edit(content, value), done)


def size(scene: Scene, intent: Intent) -> Script:
    path = editing.holding(scene, r"--size\s*:\s*\d+px")
    found = re.search(r"--size\s*:\s*(\d+)px", scene.files.get(path, ""))
    now = int(found.group(1)) if found else 16
    value = min(28, now + 2) if intent.what == "bigger" else max(12, now - 2)
    done = scene.voice("change.bigger", value=value)
    yield from editing.changed(
        scene,
        r"--size\s*:\s*\d+px",
        lambda text: styling.defined(text, "--size", f"{value}px"),
        done,
    )


def dark(scene: Scene) -> Script:
    """A switch between light and dark, on every page that follows the device."""
    path = editing.holding(scene, "</body>")
    if not path:
        yield from editing.nothing_here(scene)
    present = yield from editing.read(scene, path)
    if SWITCH in present:
        yield Say(scene.voice("change.dark_there"))
    if "</body>" not in present:
        yield Say(scene.voice("change.not_found", path=path))
    switch = (SHARED / "theme_switch.html").read_text("utf-8")
    after = present.replace("</body>", f"{switch}</body>", 1)
    yield from editing.written(scene, {path: after}, words=scene.voice("change.only"))
    where = yield from editing.shown(scene, [path])
    yield Say(f"{scene.voice('change.dark')} {where}")


def nicer(scene: Scene) -> Script:
    if not scene.files:
        yield from editing.nothing_here(scene)
    keys = ("colour", "background", "bigger", "dark")
    offered = offers.listed([scene.voice.offer(key) for key in keys])
    yield Say(scene.voice("change.nicer", offers=offered))


def rename(scene: Scene, old: str, new: str) -> Script:
    """Give a file another name, and follow it where other files speak of it."""
    voice = scene.voice
    known = next((path for path in reversed(scene.files) if _is(path, old)), old)
    target = known[: -len(old)] + new if known.endswith(old) else new
    there = yield Call("read_file", {"path": target}, words=voice("files.look"))
    if not failed(there):
        yield Say(voice("files.taken", text=target))
    moved = yield Call(
        "run_command",
        {"command": "mv", "args": ["-n", "--", known, target], "wait": True},
        words=voice("change.only"),
    )
    if failed(moved):
        yield failures.explain(scene, moved)
    base, fresh = known.rpartition("/")[2], target.rpartition("/")[2]
    folder = known[: -len(base)]
    mention = re.compile(rf"(?<![\w-]){re.escape(base)}(?![\w-])")
    told = []
    for path, content in list(scene.files.items()):
        if path != known and path.startswith(folder) and mention.search(content):
            yield from editing.rewritten(
                scene, path, mention.pattern, lambda text: mention.sub(fresh, text)
            )
            told.append(f"`{path}`")
    mentions = voice("files.mentions", files=", ".join(told)) if told else ""
    yield Say(voice("files.renamed", path=known, text=target, mentions=mentions))


def _is(path: str, name: str) -> bool:
    return path == name or path.endswith("/" + name)


def _inside(content: str, opening: str, closing: str, text: str) -> str:
    return re.sub(
        rf"({opening}).*?({re.escape(closing)})",
        lambda match: f"{match.group(1)}{text}{match.group(2)}",
        content,
        count=1,
        flags=re.S,
    )
