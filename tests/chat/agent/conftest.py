"""Conversations of alice, turns run in the test's own thread, and a sandbox worker beside it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.fixtures.worker import owner, sandbox_worker

__all__ = ["owner", "sandbox_worker"]


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo model speaks without pauses."""
    from chat.agent.demo import pace

    monkeypatch.setattr(pace, "DELAY", 0)


@pytest.fixture
def conversation(owner):
    from chat.services import conversations

    return conversations.create(owner, model="demo")


@pytest.fixture
def say(conversation) -> Callable:
    """Send a message and let the model answer it; returns the ended turn."""
    from chat.agent import runtime
    from chat.services import turns

    def send(text: str, *, model: str = ""):
        turn = turns.start_turn(conversation, text, model=model)
        runtime.run(turn.pk)
        turn.refresh_from_db()
        return turn

    return send


@pytest.fixture
def parts() -> Callable:
    """The parts of a turn's answer, in order."""

    def of(turn) -> list:
        from chat.models import Part

        return list(Part.objects.filter(message__turn=turn, message__role="assistant"))

    return of
