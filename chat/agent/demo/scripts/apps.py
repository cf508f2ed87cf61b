"""Programs that the demo model can build."""

from __future__ import annotations

import re

from chat.agent.demo import reasons, templates
from chat.agent.demo.scene import Scene
from chat.agent.demo.scripts import sandbox, serving
from chat.agent.demo.steps import Call, Say, Script

_NAMED = re.compile(r"\b(?:called|named|titled)\s+[\"'“`]?([^\"'”`.,\n]{2,60})", re.I)
_FOR = re.compile(r"\bfor\s+(?:my\s+|our\s+|a\s+|an\s+|the\s+)?([\w][\w &'-]{2,40})", re.I)
_RUN = re.compile(r"\b(run|start|launch|serve|open)\b", re.I)


def node(scene: Scene) -> Script:
    """A Node.js server in one file; run only when asked, as a person may want to do that."""
    yield from sandbox.ensured(scene)
    files = templates.load("node_hello", {"index.js": "index.js"}, heading(scene, "Hello, world!"))
    yield from _written(
        files,
        thought="Node's own http module is enough here: no packages, one file.",
        words="I'll write a small web server with Node's built-in `http` module.",
    )
    if not _RUN.search(scene.request):
        yield Say(
            "Your app is in **index.js**: a web server on port 3000 with a greeting page, "
            "without any package.\n\nSay **Run the app with node index.js** to start it."
        )
    port = scene.free_port
    yield from serving.started("node", ["index.js"], port, words="Let me start it.")
    where = yield from serving.address(port)
    yield Say(f"Your Node.js app is ready. {where}")


def python(scene: Scene) -> Script:
    yield from sandbox.ensured(scene)
    wants = re.search(r"\b(flask|django|fastapi|streamlit)\b", scene.request, re.I)
    note = (
        f"{wants.group(1).capitalize()} would have to be installed first; I'll use "
        "Python's own web server and SQLite instead."
        if wants
        else "I'll build a to-do list with Python's own web server and SQLite: no packages needed."
    )
    files = templates.load(
        "python_todo", {"app.py": "app.py", "page.html": "page.html"}, heading(scene, "My tasks")
    )
    yield from _written(files, thought="The standard library has all this needs.", words=note)
    port = scene.free_port
    yield from serving.started("python3", ["app.py"], port, words="Now I start it.")
    where = yield from serving.address(port)
    yield Say(
        f"Your to-do list is ready. {where}\n\nThe code is in **app.py**, the page in "
        "**page.html**, and the tasks are kept in `todo.sqlite3`. Try **Change the colour to "
        "orange**."
    )


def site(scene: Scene) -> Script:
    files = {"site/index.html": "index.html", "site/style.css": "style.css"}
    yield from _static(
        scene,
        templates.load("site", files, heading(scene, "Hello from Vibe")),
        directory="site",
        words="I'll write a page and its style sheet.",
        done="Your page is ready.",
        hint="Change the heading to Good morning",
    )


def snake(scene: Scene) -> Script:
    files = {"snake/index.html": "index.html", "snake/snake.js": "snake.js"}
    yield from _static(
        scene,
        templates.load("snake", files, heading(scene, "Snake")),
        directory="snake",
        words="A snake game fits in one page and one script.",
        done="The game is ready: arrow keys, or swipe on a phone.",
        hint="Change the colour to purple",
    )


def _static(
    scene: Scene,
    files: list[dict[str, str]],
    *,
    directory: str,
    words: str,
    done: str,
    hint: str,
) -> Script:
    yield from sandbox.ensured(scene)
    yield from _written(files, thought="Plain HTML, CSS and JavaScript will do.", words=words)
    port = scene.free_port
    yield from serving.started(
        "python3",
        ["-u", "-m", "http.server", str(port), "--directory", directory],
        port,
        words="Python's file server can show it.",
    )
    where = yield from serving.address(port)
    names = " and ".join(f"**{file['path']}**" for file in files)
    yield Say(f"{done} {where}\n\nIt is made of {names}. Try **{hint}**.")


def _written(files: list[dict[str, str]], *, thought: str, words: str) -> Script:
    outcome = yield Call("write_files", {"files": files}, thought=thought, words=words)
    if reasons.failed(outcome):
        yield reasons.explain(outcome)


def heading(scene: Scene, default: str) -> str:
    """What the page is to be called: named in the request, or whom it is for."""
    named = _NAMED.search(scene.request)
    if named:
        return named.group(1).strip()
    meant = _FOR.search(scene.request)
    if meant and not re.match(r"(me|us|port|you)\b", meant.group(1), re.I):
        subject = re.split(r"\s+(?:and|with|that|which|in|on|using)\b", meant.group(1))[0].strip()
        return subject[:1].upper() + subject[1:]
    return default
