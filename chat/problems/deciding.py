"""What is done about an error, by rule, with the reason in words. First the one that applies."""

from __future__ import annotations

from dataclasses import dataclass

FIX, ASK, IGNORE, STOP = "fix", "ask", "ignore", "stop"
ACTIONS = (FIX, ASK, IGNORE)
MOST_ATTEMPTS = 2
MOST_FRUITLESS = 3


@dataclass(frozen=True)
class Facts:
    """Of the error and its conversation, as they stand. `policy`: the action for its kind.
    `judged`: what a model has said of it, (whether to act, why); None where none was asked."""

    kind: str
    policy: str
    noise: str = ""
    clear: bool = True
    switched_on: bool = True
    archived: bool = False
    plan_mode: bool = False
    attempts: int = 0
    fruitless: int = 0
    stopped: bool = False
    cap: str = ""
    hold: str = ""
    judged: tuple[bool, str] | None = None


@dataclass(frozen=True)
class Decision:
    action: str
    reason: str
    by: str = "rules"
    # A model may say more than rules can.
    is_unclear: bool = False


def decide(facts: Facts) -> Decision:
    """The decision on an error that is open and that nobody has decided on."""
    if facts.noise:
        return Decision(IGNORE, f"Not actionable, because it is {facts.noise}.")
    if facts.policy == IGNORE:
        return Decision(IGNORE, f"Errors of this kind ({facts.kind}) are ignored here.")
    for holds, reason in _to_be_asked(facts):
        if holds:
            return Decision(ASK, reason)
    if facts.attempts >= MOST_ATTEMPTS:
        return Decision(STOP, f"It came back after {facts.attempts} repairs.")
    if facts.stopped:
        return Decision(
            ASK, "Repairs have stopped in this conversation until you say how to go on."
        )
    if facts.fruitless >= MOST_FRUITLESS:
        return Decision(STOP, f"{facts.fruitless} repairs in a row have mended nothing for good.")
    if facts.cap:
        return Decision(STOP, f"{facts.cap} is reached, so no repair is paid for.")
    if not facts.clear:
        return _unclear(facts)
    if facts.attempts:
        return Decision(
            FIX, "It came back after a repair; a second one is tried, the last by itself."
        )
    return Decision(FIX, "An error of the app that the model can act on.")


def _to_be_asked(facts: Facts) -> list[tuple[bool, str]]:
    return [
        (facts.archived, "The conversation is put away."),
        (not facts.switched_on, "“Fix errors” is off in this conversation."),
        (facts.policy == ASK, f"Errors of this kind ({facts.kind}) wait for you here."),
        (facts.plan_mode, "The conversation is in plan mode, in which nothing is changed unasked."),
        (bool(facts.hold), facts.hold),
    ]


def _unclear(facts: Facts) -> Decision:
    if facts.judged is None:
        return Decision(
            ASK, "Rules cannot tell whether this needs a change of the app.", is_unclear=True
        )
    act, why = facts.judged
    if act:
        return Decision(FIX, why or "A model judged that it needs a change of the app.", "model")
    return Decision(IGNORE, f"Not actionable, because {why or 'a model judged so'}.", "model")
