"""Files: to list them and to show one."""

from __future__ import annotations

from chat.agent.demo import reasons
from chat.agent.demo.scene import Scene
from chat.agent.demo.scripts import sandbox
from chat.agent.demo.steps import Call, Say, Script

SHOWN_LINES = 60
LANGUAGES = {"js": "js", "py": "python", "html": "html", "css": "css", "json": "json", "md": "md"}


def show(scene: Scene, path: str) -> Script:
    known = next((name for name in scene.files if name.endswith("/" + path)), path)
    outcome = yield Call("read_file", {"path": known}, words=f"Let me read `{known}`.")
    if reasons.failed(outcome):
        yield reasons.explain(outcome)
    lines = outcome.data.get("content", "").splitlines()
    language = LANGUAGES.get(known.rpartition(".")[2], "")
    more = f"\n\n… and {len(lines) - SHOWN_LINES} more lines." if len(lines) > SHOWN_LINES else ""
    text = "\n".join(lines[:SHOWN_LINES])
    fence = "````" if "```" in text else "```"
    yield Say(f"**{known}** ({len(lines)} lines):\n\n{fence}{language}\n{text}\n{fence}{more}")


def listing(scene: Scene) -> Script:
    yield from sandbox.ensured(scene)
    outcome = yield Call("list_files", words="Let me look.")
    if reasons.failed(outcome):
        yield reasons.explain(outcome)
    entries = outcome.data.get("entries", [])
    if not entries:
        yield Say("The sandbox is empty so far. Say for example **Create a static page**.")
    yield Say("These files are in the sandbox:\n\n" + "\n".join(f"- `{one}`" for one in entries))
