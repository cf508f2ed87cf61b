"""RQ jobs of queue `chat`. They carry ids only."""

from __future__ import annotations

from chat.agent import loading


def run_turn(turn_id: str) -> None:
    """Let the model work on the turn until it ends; returns then. Never raises for its faults."""
    loading.runtime().run(turn_id)
