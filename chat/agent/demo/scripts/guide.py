"""What the demo model is, what it can do, and what it says to what it cannot."""

from __future__ import annotations

from itertools import count

from chat.agent.demo.scene import Scene
from chat.agent.demo.scripts import offers
from chat.agent.demo.steps import Say, Script

REFUSALS = 5
QUOTED = 60
OFFERED = 3


def help_(scene: Scene) -> Script:
    voice = scene.voice
    changes = offers.listed(offers.changes(scene))
    if "help" in scene.intents:
        half = (scene.intents.count("help") * 5) % len(offers.RECIPES)
        more = (offers.RECIPES * 2)[half : half + 6]
        yield Say(voice("talk.help_2", builds=offers.builds(scene, *more), changes=changes))
    yield Say(
        voice(
            "talk.help",
            builds=offers.builds(scene, *offers.RECIPES[:6]),
            changes=changes,
            runs=voice.offer("version"),
            looks=offers.listed([voice.offer(key) for key in ("list", "sandbox")]),
        )
    )


def hello(scene: Scene) -> Script:
    offered = offers.builds(scene, "todo", "landing", "snake")
    yield Say(scene.voice("talk.hello", offers=offered))


def thanks(scene: Scene) -> Script:
    key = "talk.thanks_2" if "thanks" in scene.intents else "talk.thanks"
    yield Say(scene.voice(key, offers=offers.listed(offers.changes(scene))))


def continue_(scene: Scene) -> Script:
    yield Say(scene.voice("talk.continue", offers=offers.listed(offers.changes(scene))))


def bye(scene: Scene) -> Script:
    if scene.last_server is None:
        yield Say(scene.voice("talk.bye_empty", offers=offers.build(scene, "snake")))
    yield Say(scene.voice("talk.bye", offers=scene.voice.offer("again")))


def explain(scene: Scene) -> Script:
    voice = scene.voice
    if not scene.files:
        yield Say(voice("talk.explain_nothing", offers=offers.builds(scene, "todo", "landing")))
    files = ", ".join(f"`{path}`" for path in list(scene.files)[-8:])
    server = voice("talk.explain_server", line=scene.last_server.line) if scene.last_server else ""
    offered = offers.listed([voice.offer("code"), *offers.changes(scene)[:2]])
    next_ = voice("fail.offers", offers=offered).rstrip(".")
    yield Say(voice("talk.explain", files=files, server=server, offers=next_))


def tests(scene: Scene) -> Script:
    offered = offers.listed([scene.voice.offer("version"), *offers.changes(scene)[:2]])
    yield Say(scene.voice("talk.tests", offers=offered))


def told(scene: Scene, key: str) -> Script:
    yield Say(scene.voice(key))


def unknown(scene: Scene) -> Script:
    """What is beyond it, with the nearest that is not; in other words each time."""
    refused = scene.intents.count("unknown")
    for turn in count(refused):
        words = _refusal(scene, turn)
        if words not in scene.said or turn > refused + len(offers.RECIPES) * REFUSALS:
            yield Say(words)
            return


def _refusal(scene: Scene, turn: int) -> str:
    voice = scene.voice
    request = " ".join(scene.request.replace("*", "").replace("`", "'").split())
    shown = request if len(request) <= QUOTED else request[:QUOTED].rstrip() + "…"
    said = voice(f"unknown.{turn % REFUSALS}", request=shown)
    near = scene.intent.near
    if near == "change":
        offered = offers.changes_in_turn(scene, turn)
    else:
        close = offers.NEAR.get(near, ())
        # All windows of three, then all of them moved by one, and so on.
        start = (turn * OFFERED + turn // len(offers.RECIPES)) % len(offers.RECIPES)
        others = [
            name
            for name in (offers.RECIPES * 2)[start : start + OFFERED + len(close)]
            if name not in close
        ]
        chosen = [*close, *others[: max(1, OFFERED + 1 - len(close))]]
        offered = [offers.build(scene, name) for name in chosen]
    listed = "\n".join(f"- {offer}" for offer in offered)
    parts = [said, f"{voice('unknown.near')}\n\n{listed}"]
    # Once is advice, twice is noise.
    if "unknown" not in scene.intents:
        parts.append(voice("unknown.model"))
    return "\n\n".join(parts)
