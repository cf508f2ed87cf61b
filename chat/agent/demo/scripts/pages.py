"""A further page beside the one that there is."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from chat.agent.demo import catalogue
from chat.agent.demo.reasons import failed
from chat.agent.demo.scene import Scene
from chat.agent.demo.scripts import editing, offers
from chat.agent.demo.steps import Call, Say, Script
from chat.agent.demo.understanding.text import words

PAGES = re.compile(r"(?:^|/)(?:public/)?index\.html$|(?:^|/)index\.js$")
TRIES = 20


def another(scene: Scene, title: str) -> Script:
    """Write a new page, never over one that exists, and link to it."""
    voice = scene.voice
    home = next((path for path in reversed(scene.files) if _takes_pages(scene, path)), "")
    if not home:
        if not scene.files:
            yield from editing.nothing_here(scene)
        yield Say(voice("page.none", offers=offers.build(scene, "landing")))
    folder = home[: -len(PurePosixPath(home).name)]
    stem = "-".join(words(title)) or "page"
    path = ""
    for number in range(1, TRIES):
        path = f"{folder}{stem}{'' if number == 1 else f'-{number}'}.html"
        if path in scene.files:
            continue
        there = yield Call("read_file", {"path": path}, words=voice("files.look"))
        if failed(there):
            break
    name = PurePosixPath(path).name
    present = yield from editing.read(scene, home)
    linked = _linked(present, name, catalogue.escaped(title))
    if linked == present:
        yield Say(voice("change.not_found", path=home))
    page = _page(scene, present, title, name)
    yield from editing.written(scene, {path: page, home: linked}, words=voice("page.write"))
    where = yield from editing.shown(scene, [home])
    yield Say(voice("page.done", title=title, path=path, where=where))


def _takes_pages(scene: Scene, path: str) -> bool:
    return bool(PAGES.search(path)) and "data-pages" in scene.files[path]


def _linked(content: str, name: str, title: str) -> str:
    """The page with a link more in its list of pages."""
    return re.sub(
        r"(<nav data-pages[^>]*>.*?)(\s*</nav>)",
        lambda found: f'{found.group(1)}<a href="{name}">{title}</a>{found.group(2)}',
        content,
        count=1,
        flags=re.S,
    )


def _page(scene: Scene, home: str, title: str, name: str) -> str:
    """A page with the head and colours of the first one."""
    voice = scene.voice
    styles = "\n".join(re.findall(r"<link rel=\"stylesheet\"[^>]*>|<style>.*?</style>", home, re.S))
    values = {
        "title": catalogue.escaped(title),
        "styles": styles,
        "text": voice("page.text", path=f"<code>{name}</code>"),
        "back": voice("page.back"),
        "language": voice.language,
    }
    page = (catalogue.SHARED / "page.html").read_text("utf-8")
    for key, value in values.items():
        page = page.replace("{{" + key + "}}", value)
    return page
