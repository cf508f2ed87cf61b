"""Sandboxes: a new one, and one for whatever needs it."""

from __future__ import annotations

from chat.agent.demo import failures
from chat.agent.demo.reasons import failed
from chat.agent.demo.scene import Scene
from chat.agent.demo.scripts import offers
from chat.agent.demo.steps import Call, Say, Script


def new(scene: Scene) -> Script:
    voice = scene.voice
    words = voice("sandbox.another" if scene.has_sandbox else "sandbox.fresh")
    arguments = {"fresh_start": True} if scene.has_sandbox else {}
    made = yield Call("create_sandbox", arguments, thought=voice("think.sandbox"), words=words)
    if failed(made):
        yield failures.explain(scene, made)
    next_ = offers.listed([offers.build(scene, name) for name in ("node_hello", "todo")])
    yield Say(voice("sandbox.done", name=made.data.get("name", ""), offers=next_))


def ensured(scene: Scene) -> Script:
    """Make a sandbox when the conversation has none."""
    if scene.has_sandbox:
        return
    made = yield Call(
        "create_sandbox",
        thought=scene.voice("think.sandbox"),
        words=scene.voice("sandbox.first"),
    )
    if failed(made):
        yield failures.explain(scene, made)
