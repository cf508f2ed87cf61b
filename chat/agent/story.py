"""What a turn's model has seen and said so far, and what it took, as the turn's row keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from pydantic_ai import DeferredToolRequests
from pydantic_ai.agent import AgentRunEvents
from pydantic_ai.messages import ModelMessagesTypeAdapter
from pydantic_core import to_jsonable_python

from chat.services.storable import storable

USAGE = ("input_tokens", "output_tokens", "requests")


@dataclass
class Story:
    """Messages and token counts of the turn so far, as they go into its row."""

    messages: list[Any] = field(default_factory=list)
    done_before: list[Any] = field(default_factory=list)
    usage: dict[str, int] = field(default_factory=dict)
    usage_before: dict[str, int] = field(default_factory=dict)
    # Whether the last answer ended at the model's output limit.
    limited: bool = False

    def take(self, events: AgentRunEvents[str | DeferredToolRequests]) -> None:
        try:
            new, usage = events.new_messages(), events.usage
        except RuntimeError:
            # The run never started.
            return
        self.messages = [*self.done_before, *dumped(new)]
        self.usage = {name: self.usage_before.get(name, 0) + getattr(usage, name) for name in USAGE}


def dumped(messages: Sequence[Any]) -> list[Any]:
    """JSON of messages."""
    if messages and isinstance(messages[0], dict):
        return list(messages)
    # The library refuses to write halves of characters, which tools' arguments may hold.
    plain = ModelMessagesTypeAdapter.dump_python(list(messages))
    return cast("list[Any]", to_jsonable_python(storable(plain)))
