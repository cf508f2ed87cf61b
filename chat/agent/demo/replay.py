"""What to do now: scripts are replayed from the start of the turn, up to the outcomes there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pydantic_ai.messages import ModelMessage

from chat.agent.demo import history, scene
from chat.agent.demo.history import Turn
from chat.agent.demo.scene import Scene
from chat.agent.demo.scripts import planning, respond
from chat.agent.demo.steps import Call, Outcome, Say

# What chat/tools/context.py says of a conversation without one.
NO_SANDBOX = "This conversation has no sandbox"


def next_step(
    messages: Sequence[ModelMessage],
    *,
    has_sandbox: bool | None = None,
    added: int = 0,
    plans: bool = False,
) -> Call | Say:
    """The next step for the last request, or, where so many were `added` to it while it was at
    work, for the first that is not done yet: what was begun is brought to its end."""
    turns = history.turns(messages) or [Turn("")]
    at = max(len(turns) - 1 - added, 0)
    done, requests = turns[:at], [turn.request for turn in turns[at:]]
    outcomes = [outcome for turn in turns[at:] for outcome in turn.outcomes]
    before = ""
    while True:
        now = Turn(requests.pop(0), outcomes)
        known = scene.read([*done, now], has_sandbox=has_sandbox)
        step, used = _played(known, outcomes, plans=plans)
        if isinstance(step, Call) or not requests:
            return replace(step, words=f"{before}{step.words}") if before else step
        done.append(Turn(now.request, outcomes[:used], step.words))
        outcomes = outcomes[used:]
        # Said already, when something was done for the next one since.
        before = "" if outcomes else f"{before}{step.words}\n\n"


def _played(known: Scene, outcomes: Sequence[Outcome], *, plans: bool) -> tuple[Call | Say, int]:
    """The step that follows these outcomes, and how many of them were for this request."""
    script = planning.script(known, respond.script, plans=plans)
    left = list(outcomes)
    try:
        step = next(script)
        while left and isinstance(step, Call):
            outcome = left.pop(0)
            if _without_sandbox(outcome):
                # It was deleted meanwhile: make another, and take the step once more.
                made = left.pop(0) if left else None
                if made is None:
                    return Call("create_sandbox", words=known.voice("sandbox.lost")), len(outcomes)
                again = (left.pop(0) if left else None) if made.ok else made
                if again is None:
                    return step, len(outcomes)
                outcome = again
            step = script.send(outcome)
    except StopIteration:
        step = Say(known.voice("done"))
    return step, len(outcomes) - len(left)


def _without_sandbox(outcome: Outcome) -> bool:
    return not outcome.ok and outcome.tool != "create_sandbox" and NO_SANDBOX in outcome.text
