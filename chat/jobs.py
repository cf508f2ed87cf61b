"""RQ jobs of queue `chat`. They carry ids only."""

from __future__ import annotations

from concurrent.futures import Future

from chat.agent import loading
from chat.checking.loop import checking
from chat.services.attaching import sweeping
from chat.services.problems import watching
from chat.services.spending import forgetting
from vibe.jobs.run import hands_over


def run_turn(turn_id: str) -> None:
    """Let the model work on the turn until it ends; returns then. Never raises for its faults."""
    loading.runtime().run(turn_id)


@hands_over
def check_turn(check_id: str) -> Future[None]:
    """Check the app that a turn has left behind, without a thread of the job's own."""
    return checking().begin(check_id)


def forget_unsent_attachments() -> int:
    """Delete what was attached a day ago and never sent; how many went."""
    return sweeping.forget_unsent()


def judge_problem(problem_id: str) -> None:
    """Ask a cheap model whether the error needs a change of the app; raises nothing."""
    from chat.agent import judging

    judging.judge(problem_id)


def forget_problems() -> int:
    """Remove errors, and decisions on them, that are too old; how many went."""
    return watching.forget_old()


def forget_usage() -> None:
    """Remove requests to models that are too old to be asked for."""
    forgetting.forget()
