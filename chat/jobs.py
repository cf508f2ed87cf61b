"""RQ jobs of queue `chat`. They carry ids only."""

from __future__ import annotations


def run_turn(turn_id: str) -> None:
    """Let the model work on the turn until it ends; returns then. Never raises for its faults."""
    # The agent library takes seconds and a hundred megabytes: only the chat worker loads it.
    from chat.agent.runtime import run

    run(turn_id)
