"""What the API says of a check."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from ninja import Schema
from pydantic import Field

from chat.models import Turn
from chat.services.checking import checks
from chat.services.checking.pictures import pictures_of


class CheckStepOut(Schema):
    what: str = Field(examples=["Button “Add”"])
    outcome: Literal["ok", "failed", "note", "unsure"]
    detail: str
    seconds: float


class CheckOut(Schema):
    """What the platform has found out about the app that a turn has left behind."""

    id: str = Field(examples=["check_9z5b3n6k2v8q5a1c7m4x"])
    turn_id: str
    version_id: str | None
    status: Literal["queued", "running", "checked", "unchecked", "failed"]
    reason: str = Field(description="In a sentence, for people.")
    port: int | None = Field(description="Of the server that was looked at.")
    steps: list[CheckStepOut]
    console: list[dict[str, str]] = Field(description="What the page said: kind, text.")
    pictures: dict[str, str] = Field(
        description="Addresses of JPEGs by name: `after`, `before` (of the check before), and "
        "small ones of both."
    )
    seconds: float | None = Field(description="That it took.")
    created_at: datetime
    finished_at: datetime | None

    @staticmethod
    def resolve_seconds(check: Any) -> float | None:
        return check.duration

    @staticmethod
    def resolve_pictures(check: Any) -> dict[str, str]:
        names = pictures_of(check)
        return {name: f"/api/v1/checks/{check.pk}/pictures/{name}" for name in names}


def check_on(turn: Turn) -> Any:
    """Of one turn, asked once; lists of turns bring theirs along, see `resolve_turns`."""
    if not hasattr(turn, "check_made"):
        turn.check_made = checks.latest(turn)  # type: ignore[attr-defined]  # kept
    return turn.check_made  # type: ignore[attr-defined]  # see above
