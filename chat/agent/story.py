"""What a turn under way has seen and said so far, as it goes into its row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from pydantic_ai import DeferredToolRequests
from pydantic_ai.agent import AgentRunEvents
from pydantic_ai.messages import (
    ModelMessagesTypeAdapter,
    ModelRequest,
    UserContent,
    UserPromptPart,
)
from pydantic_core import to_jsonable_python

from chat.services.storable import storable

# As much as a row holds: providers may say any number, and a turn must end nevertheless.
MOST = 2**31 - 1
USAGE = ("input_tokens", "output_tokens", "requests")


@dataclass
class Story:
    """Messages and token counts, read from the agent library's run."""

    messages: list[Any] = field(default_factory=list)
    done_before: list[Any] = field(default_factory=list)
    usage: dict[str, int] = field(default_factory=dict)
    # Whether the last answer ended at the model's output limit.
    limited: bool = False
    usage_before: dict[str, int] = field(default_factory=dict)
    run: AgentRunEvents[str | DeferredToolRequests] | None = None
    # Messages of the person that the turn holds already, and perhaps not yet the library's run.
    taken_in: list[Any] = field(default_factory=list)
    # Whether the model has begun to answer the latest request.
    speaking: bool = False
    # Requests to models that others have stepped in for.
    steps_done: int = 0

    def take(self) -> None:
        """Read on."""
        if self.run is None:
            return
        try:
            new, usage = self.run.new_messages(), self.run.usage
        except RuntimeError:
            # The run never started.
            return
        self.messages = [*self.done_before, *dump(new)]
        if self.taken_in and _prompts(self.messages) != _prompts(self.taken_in):
            self.messages += self.taken_in
        self.usage = {
            name: min(max(self.usage_before.get(name, 0) + getattr(usage, name), 0), MOST)
            for name in USAGE
        }

    def step_in(self, messages: list[Any]) -> None:
        """Another model goes on, from these messages, in a run of its own."""
        if self.usage:
            self.steps_done += self.usage["requests"] - self.usage_before.get("requests", 0)
            self.usage_before = dict(self.usage)
        self.done_before = self.messages = messages
        self.run, self.taken_in = None, []

    def steps_left(self, most: int) -> int:
        """Requests that the present run may still make."""
        return max(1, most - self.steps_done)


def dump(messages: Sequence[Any]) -> list[Any]:
    """JSON of messages."""
    if messages and isinstance(messages[0], dict):
        return list(messages)
    # The library refuses to write halves of characters, which tools' arguments may hold.
    plain = ModelMessagesTypeAdapter.dump_python(list(messages))
    return cast("list[Any]", to_jsonable_python(storable(plain)))


def said(content: str | Sequence[UserContent]) -> Any:
    """JSON of a message in which the person says this."""
    return dump([ModelRequest(parts=[UserPromptPart(content)])])[0]


def _prompts(messages: list[Any]) -> list[Any]:
    """What the person says in the messages at the end that hold nothing else."""
    found: list[Any] = []
    for message in reversed(messages):
        parts = message.get("parts", [])
        if len(parts) != 1 or parts[0].get("part_kind") != "user-prompt":
            break
        found.append(parts[0].get("content"))
    return found
