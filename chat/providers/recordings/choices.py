"""Recordings as models that one chooses."""

from __future__ import annotations

from chat.providers.choice import ModelChoice
from chat.providers.recordings.shelf import Listed, listed

GROUP = "Recorded sessions"


def choices() -> list[ModelChoice]:
    """Everybody's; one that cannot be played says why."""
    return [_choice(one) for one in listed()]


def choice_named(model_id: str) -> ModelChoice | None:
    """The recording of this id, None when there is none."""
    return next((_choice(one) for one in listed() if one.model_id == model_id), None)


def _choice(one: Listed) -> ModelChoice:
    return ModelChoice(
        one.model_id,
        f"Recorded: {one.title}",
        GROUP,
        available=not one.reason,
        reason=one.reason,
        group=GROUP,
    )
