"""What the demo model says when a step failed: what happened, why, what to do next."""

from __future__ import annotations

from chat.agent.demo.reasons import cause, last_lines
from chat.agent.demo.scene import Scene
from chat.agent.demo.steps import Outcome, Say


def explain(scene: Scene, outcome: Outcome) -> Say:
    voice = scene.voice
    why = cause(outcome)
    match why.kind:
        case "tool":
            words = voice("fail.tool", reason=why.detail)
        case "runtime":
            other = "Build a to-do app in Python" if why.name in ("Node.js", "npm") else ""
            offer = f"**{other}**" if other else voice.offer("help")
            words = voice("fail.runtime", name=why.name, offers=offer)
        case "program":
            words = " ".join(
                [voice("fail.program", name=why.name), _offers(scene, "version", "help")]
            )
        case "port":
            words = voice("fail.port", offers=voice.offer("fix"))
        case "network":
            words = voice("fail.network")
        case _:
            words = f"{_ended(scene, outcome)}\n\n{_offers(scene, 'fix', 'list')}"
    return Say(words)


def _ended(scene: Scene, outcome: Outcome) -> str:
    """How it ended and its last line; all that it printed stands in its card, which is open."""
    said = scene.voice("run.failed", outcome=outcome.data.get("outcome", ""))
    details = f"{outcome.data.get('error', '')}\n{outcome.data.get('output', '')}".strip()
    reason = last_lines(details).rpartition("\n")[2].replace("`", "'").strip()
    return f"{said}\n\n`{reason}`" if reason else said


def _offers(scene: Scene, *keys: str) -> str:
    offered = ", ".join(scene.voice.offer(key) for key in keys)
    return scene.voice("fail.offers", offers=offered)
