"""What tests of waiting turns share: a model over HTTP that calls what it is told to."""

from __future__ import annotations

from typing import Any

QUESTIONS = {
    "questions": [
        {"question": "Which database?", "choices": ["SQLite", "PostgreSQL"], "default": 1},
        {"question": "Which name?", "choices": ["Notes", "Memo"], "free_text": True},
    ]
}
PLAN = {"title": "A notes app", "steps": ["Write the server", "Write the page", "Start it"]}


def calls(llmock: Any, *wanted: tuple[str, dict[str, Any]]) -> None:
    """The model's next answer makes all these calls in one step."""
    from llmock.scenarios import Reply, ToolCall

    llmock.add(Reply(tool_calls=tuple(ToolCall(name, given) for name, given in wanted), times=1))
