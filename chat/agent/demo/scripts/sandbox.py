"""Sandboxes: a new one, and one for whatever needs it."""

from __future__ import annotations

from chat.agent.demo import reasons
from chat.agent.demo.scene import Scene
from chat.agent.demo.steps import Call, Say, Script


def new(scene: Scene) -> Script:
    words = "I'll set up a fresh sandbox for you."
    if scene.has_sandbox:
        words = "I'll set up another sandbox; from now on this conversation works in that one."
    made = yield Call(
        "create_sandbox", thought="The user wants a sandbox: one call does it.", words=words
    )
    if reasons.failed(made):
        yield reasons.explain(made)
    yield Say(
        f"Your sandbox **{made.data.get('name', '')}** is running: a Linux machine of its own, "
        "with its files in `/vercel/sandbox`.\n\n"
        "Next you could say **Create a simple Node.js hello world app**."
    )


def ensured(scene: Scene) -> Script:
    """Make a sandbox when the conversation has none."""
    if scene.has_sandbox:
        return
    made = yield Call(
        "create_sandbox",
        thought="This conversation has no sandbox yet, so that comes first.",
        words="First I need a sandbox to work in.",
    )
    if reasons.failed(made):
        yield reasons.explain(made)
