"""Answers come in hundreds of thousands of pieces: each must cost the same."""

from __future__ import annotations

import json

import pytest

from chat.agent.wire.openai_chat import OpenAIChat
from tests.chat.agent.quirks import called, delta

pytestmark = pytest.mark.unit


def test_long_arguments_arrive_whole_whatever_their_pieces():
    given = json.dumps({"path": "a" * 300_000})
    answer = OpenAIChat({})
    out = list(answer.event("", called(0, "x", "list_files", "")))

    for at in range(0, len(given), 3):
        out += answer.event("", called(0, None, None, given[at : at + 3]))

    out += answer.end()
    chunks = [json.loads(each[6:]) for each in out if b"[DONE]" not in each]
    calls = [c["choices"][0]["delta"].get("tool_calls") or [] for c in chunks]
    assert "".join(c["function"]["arguments"] for call in calls for c in call) == given


def test_a_long_line_of_single_characters_arrives_whole():
    answer = OpenAIChat({})

    out = [piece for _ in range(100_000) for piece in answer.event("", delta(content="x"))]

    assert len(out) == 100_000
