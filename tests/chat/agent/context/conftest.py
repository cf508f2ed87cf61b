"""A provider of either wire format that takes few tokens, and knows when it is asked to sum up."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.chat.agent.quirks import Quirk, delta, ended, said, words
from tests.chat.agent.quirky_server import QuirkyServer, quirky_server

MODELS = ["custom:mock", "anthropic:mock"]


def answer(text: str, tokens: int = 0) -> Quirk:
    """An answer of one text; `tokens`: what the provider says that it has read."""
    usage = {"choices": [], "usage": {"prompt_tokens": tokens, "completion_tokens": 3}}
    read = {"type": "message_start", "message": {"usage": {"input_tokens": tokens}}}
    return Quirk(
        "an answer",
        [*said(text), delta("stop"), *([usage] if tokens else []), "[DONE]"],
        [*([read] if tokens else []), *words(text), *ended("end_turn")],
    )


def is_summing_up(asked: dict[str, Any]) -> bool:
    return "<transcript>" in json.dumps(asked["messages"])


@pytest.fixture
def small(settings) -> None:
    """Models that take so little that a few messages fill them."""
    settings.CONTEXT_SIZE = 16_000


@pytest.fixture
def server(settings, monkeypatch, small) -> Any:
    from chat.agent import model_factory

    monkeypatch.setattr(model_factory, "RETRIES", 0)
    with quirky_server() as started:
        settings.OPENAI_API_KEY = settings.ANTHROPIC_API_KEY = "sk-very-secret-key"
        settings.OPENAI_BASE_URL = f"{started.address}/v1"
        settings.ANTHROPIC_BASE_URL = started.address
        yield started


@pytest.fixture
def summing_up(server) -> QuirkyServer:
    """Sums up as "SUMMARY n"; everything else it answers with a few words."""
    count = 0

    def answering(asked: dict[str, Any]) -> Quirk | None:
        nonlocal count
        if is_summing_up(asked):
            count += 1
            return answer(f"SUMMARY {count}: a shop is built.")
        return None

    server.answering = answering
    return server


def told(asked: dict[str, Any]) -> str:
    """All text of a request's messages."""
    return json.dumps(asked["messages"], ensure_ascii=False)


@pytest.fixture
def listing(monkeypatch):
    """The tool `list_files` without a sandbox, each call with a long result."""
    from chat.tools.list_files import tool
    from sandboxes.engine import FileEntry

    async def sandbox(context, wanted):
        return "sandbox"

    async def call(service, sandbox, name):
        return [FileEntry(f"{name}/{n:04}.txt", "file", 1, 0.0, 0o644) for n in range(200)], False

    monkeypatch.setattr(tool, "running_sandbox", sandbox)
    monkeypatch.setattr(tool, "call", call)


def system(asked) -> str:
    """The instructions of a request, in either wire format."""
    if "system" in asked:
        return "\n".join(block["text"] for block in asked["system"])
    return "\n".join(
        m["content"] for m in asked["messages"] if m["role"] in ("system", "developer")
    )
