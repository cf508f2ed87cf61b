"""Files: to list, show, search, move out of the way, and take home."""

from __future__ import annotations

from chat.agent.demo import failures
from chat.agent.demo.reasons import failed
from chat.agent.demo.scene import Scene
from chat.agent.demo.scripts import offers, sandbox
from chat.agent.demo.steps import Call, Say, Script

SHOWN_LINES = 60
SHOWN_MATCHES = 20
TRASH = ".trash"
LANGUAGES = {
    "js": "js", "jsx": "jsx", "py": "python", "html": "html", "css": "css", "json": "json",
    "md": "md",
}  # fmt: skip


def show(scene: Scene, path: str) -> Script:
    voice = scene.voice
    yield from sandbox.ensured(scene)
    known = _known(scene, path)
    outcome = yield Call("read_file", {"path": known}, words=voice("files.read", path=known))
    if failed(outcome):
        yield _not_there(scene, known)
    lines = outcome.data.get("content", "").splitlines()
    language = LANGUAGES.get(known.rpartition(".")[2], "")
    text = "\n".join(lines[:SHOWN_LINES])
    fence = "````" if "```" in text else "```"
    said = voice(
        "files.lines", path=known, lines=len(lines), text=f"{fence}{language}\n{text}\n{fence}"
    )
    left = len(lines) - SHOWN_LINES
    yield Say(said + ("\n\n" + voice("files.more", count=left) if left > 0 else ""))


def new(scene: Scene, path: str, text: str) -> Script:
    """Write a small file; never over one that exists."""
    yield from sandbox.ensured(scene)
    voice = scene.voice
    there = yield Call("read_file", {"path": path}, words=voice("files.look"))
    if not failed(there):
        yield Say(voice("files.exists", path=path))
    content = f"{text}\n" if text else ""
    written = yield Call("write_files", {"files": [{"path": path, "content": content}]})
    if failed(written):
        yield failures.explain(scene, written)
    yield Say(voice("files.made", path=path, offers=voice.offer("show", path=path)))


def code(scene: Scene) -> Script:
    voice = scene.voice
    if not scene.files:
        yield Say(voice("files.no_code", offers=offers.build(scene, "todo")))
    names = list(scene.files)
    shown = [voice.offer("show", path=path) for path in names[-2:]]
    listed = ", ".join(f"`{path}`" for path in names[:12])
    yield Say(voice("files.what_code", files=listed, offers=offers.listed(shown)))


def listing(scene: Scene) -> Script:
    yield from sandbox.ensured(scene)
    outcome = yield Call("list_files", words=scene.voice("files.look"))
    if failed(outcome):
        yield failures.explain(scene, outcome)
    entries = outcome.data.get("entries", [])
    if not entries:
        yield Say(scene.voice("files.none", offers=offers.build(scene, "landing")))
    yield Say(scene.voice("files.are", files="\n".join(f"- `{one}`" for one in entries)))


def search(scene: Scene, text: str) -> Script:
    yield from sandbox.ensured(scene)
    voice = scene.voice
    outcome = yield Call("search_files", {"text": text}, words=voice("files.search", text=text))
    if failed(outcome):
        yield failures.explain(scene, outcome)
    matches = outcome.data.get("matches", [])
    if not matches:
        yield Say(voice("files.not_found", text=text))
    yield Say(voice("files.found", lines="\n".join(matches[:SHOWN_MATCHES])))


def delete(scene: Scene, path: str) -> Script:
    """Move a file out of the way; nothing that was in the trash is replaced."""
    voice = scene.voice
    if not scene.has_sandbox:
        yield _not_there(scene, path)
    known = _known(scene, path)
    there = yield Call("read_file", {"path": known}, words=voice("change.look", path=known))
    if failed(there):
        yield _not_there(scene, known)
    made = yield Call(
        "run_command",
        {"command": "mkdir", "args": ["-p", TRASH], "wait": True},
        words=voice("files.delete"),
    )
    if failed(made):
        yield failures.explain(scene, made)
    target = f"{TRASH}/{len(scene.intents)}-{known.rpartition('/')[2]}"
    moved = yield Call(
        "run_command",
        {"command": "mv", "args": ["-n", "--", known, target], "wait": True},
    )
    if failed(moved):
        yield failures.explain(scene, moved)
    yield Say(voice("files.deleted", path=known, offers=voice.offer("undo")))


def delete_all(scene: Scene) -> Script:
    """Nothing is deleted: it was everything, or no file."""
    voice = scene.voice
    offered = [voice.offer("list"), voice.offer("sandbox")]
    if scene.servers:
        offered.append(voice.offer("stop"))
    said = "files.delete_what" if scene.intent.what == "all" else "files.delete_which"
    yield Say(voice(said, offers=offers.listed(offered)))


def _known(scene: Scene, path: str) -> str:
    if path in scene.files:
        return path
    return next((name for name in reversed(scene.files) if name.endswith("/" + path)), path)


def _not_there(scene: Scene, path: str) -> Say:
    said = scene.voice("files.not_there", path=path)
    if scene.files:
        known = ", ".join(f"`{name}`" for name in list(scene.files)[-8:])
        return Say(f"{said} {scene.voice('files.are_there', files=known)}")
    return Say(f"{said} {scene.voice('fail.offers', offers=offers.after_failure(scene))}")
