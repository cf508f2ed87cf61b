"""Plans and questions: "Plan a to-do app", anything in plan mode, "Ask me what to build"."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from typing import Any

from chat.agent.demo import catalogue
from chat.agent.demo.scene import Scene
from chat.agent.demo.steps import Call, Outcome, Say, Script
from chat.agent.demo.understanding.intent import understand

_PLAN = re.compile(
    r"\s*(?:please\s+)?(?:make a plan for|plan|plane|planifie|planifica)\b[:,]?\s", re.I
)
_ASK = re.compile(r"\s*(?:please\s+)?(?:ask me|frag(?:e)? mich|demande moi|pregúntame)\b", re.I)
OFFERED = ("todo", "landing", "snake", "notes")
# What answers in words, or by reading alone, needs no plan.
WITHOUT = frozenset(
    {"help", "hello", "thanks", "bye", "explain", "list", "show", "search", "code", "download",
     "logs", "deploy"}
)  # fmt: skip
Respond = Callable[[Scene], Script]


def script(scene: Scene, respond: Respond, *, plans: bool) -> Script:
    """The script for the scene's request, in the mode of the turn."""
    tools = [outcome.tool for outcome in scene.outcomes]
    if "ask_user" in tools or (not plans and _ASK.match(scene.request)):
        return _asked(scene, respond)
    if "propose_plan" in tools or _PLAN.match(scene.request):
        return _planned(scene, respond)
    if plans and scene.intent.name not in WITHOUT:
        return _planned(scene, respond)
    return respond(scene)


def _asked(scene: Scene, respond: Respond) -> Script:
    voice = scene.voice
    nouns = [catalogue.in_language(catalogue.recipe(name).noun, voice.language) for name in OFFERED]
    question = {
        "question": voice("ask.what"),
        "choices": [voice("try.build", noun=noun) for noun in nouns],
        "default": 0,
        "free_text": True,
    }
    answered = yield Call("ask_user", {"questions": [question]}, words=voice("ask.words"))
    chosen = (answered.data.get("answers") or [{}])[0].get("answer", "")
    if not chosen:
        yield Say(voice("done"))
    scene.request, scene.intent = chosen, understand(chosen, has_app=bool(scene.files))
    yield from respond(scene)


def _planned(scene: Scene, respond: Respond) -> Script:
    voice = scene.voice
    wish = _PLAN.sub("", scene.request, count=1).strip() or scene.request.strip()
    plan = {
        "title": wish[:1].upper() + wish[1:100],
        "steps": [voice("plan.sandbox"), voice("plan.write"), voice("plan.check")],
    }
    words = voice("plan.words")
    while True:
        answered = yield Call("propose_plan", plan, words=words)
        if answered.data.get("decision") != "change":
            break
        steps = answered.data.get("steps_as_the_user_edited_them") or plan["steps"]
        wished = answered.data.get("the_user_says", "")
        plan = {**plan, "steps": [*steps, *([wished[:300]] if wished else [])][:30]}
        words = voice("plan.again")
    if not answered.ok:
        yield Say(voice("plan.none"))
    yield from _ticking(respond(scene), len(answered.data.get("steps", [])))


def _ticking(inner: Script, steps: int) -> Generator[Call | Say, Outcome, Any]:
    """The script, with a step of the plan ticked off where it is done."""
    done = 0
    step = next(inner)
    while True:
        reached = steps if isinstance(step, Say) else min(_before(step), steps)
        while done < reached:
            done += 1
            yield Call("plan_step_done", {"number": done})
        outcome = yield step
        step = inner.send(outcome)


def _before(step: Call) -> int:
    """How many steps are done when this call comes."""
    return {"create_sandbox": 0, "list_files": 0, "write_files": 1}.get(step.tool, 2)
