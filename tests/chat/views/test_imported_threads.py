"""Pages of conversations that came from files: whatever stands in a part, they are shown."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.urls import reverse

from chat.models import Part
from chat.rendering import cards
from chat.services.portability.importing import import_conversation
from chat.tools import registry

MOMENT = "2026-01-02T03:04:05Z"
ODD: list[Any] = [None, 5, True, 1.5, "text", "", [], [1], ["a"], [None], [[]], {}, {"a": 1}, [{}],
       [{"path": 3, "diff": 5}], [{"text": [1], "done": "x"}], [{"answer": {"x": 1}}]]  # fmt: skip
KEYS = ("files", "paths", "steps", "answers", "title", "port", "url", "lines", "matches", "count",
        "name", "message", "hint", "text", "tail", "listing", "decision", "diff", "origin", "step",
        "sandbox_id", "summary", "turns", "tokens_before", "command", "exit_code")  # fmt: skip
TOOLS = [*registry.TOOLS, "gone_tool", ""]


def imported(owner: Any, parts: list[dict[str, Any]]) -> Any:
    said = [{"role": "assistant", "created_at": MOMENT, "parts": parts}]
    turn = {"model": "demo", "status": "completed", "created_at": MOMENT, "messages": said}
    form = {"format": "vibe.conversation", "version": 1, "title": "x", "turns": [turn]}
    return import_conversation(owner, json.dumps(form).encode())


def call(tool: str, state: str = "done", **result: Any) -> dict[str, Any]:
    return {"kind": "tool_call", "tool": tool, "state": state, "result": result}


@pytest.mark.parametrize("tool", TOOLS)
def test_a_part_with_a_result_of_any_shape_has_a_card(tool) -> None:
    for state, decision in (("done", "build"), ("failed", ""), ("stopped", "change")):
        for name, odd in itertools.product(KEYS, ODD):
            told = {"decision": decision, name: odd}
            for given in ({"result": told}, {"arguments": told}):
                found = cards.card(Part(kind="tool_call", tool=tool, state=state, **given))
                assert isinstance(found.verb, str)


@pytest.mark.parametrize("tool", TOOLS)
def test_a_card_of_any_shape_can_be_drawn(tool) -> None:
    for odd, decision in itertools.product(ODD, ("build", "change")):
        told = {**dict.fromkeys(KEYS, odd), "decision": decision}
        part = Part(kind="tool_call", tool=tool, state="done", result=told, arguments=told)
        found = cards.card(part)
        drawn = render_to_string("chat/_tool.html", {"part": part, "card": found})
        assert 'data-state="done"' in drawn
        assert cards.preview_port(part) in (None, odd)


def test_an_address_in_a_card_leads_to_a_page_only(client, alice) -> None:
    urls = [
        *("javascript:alert(1)", " javascript:alert(1)", "JaVaScript:alert(1)", "vbscript:x"),
        *("java\nscript:alert(1)", "data:text/html,x", "//evil.example", "/admin/logout/"),
    ]
    made = imported(alice, [call("get_sandbox_url", url=url, port=3000) for url in urls])
    client.force_login(alice)
    shown = client.get(reverse("chat:show", args=[made.pk])).content.decode()
    assert "port 3000" in shown
    for url in urls:
        assert f'href="{url}' not in shown
    assert "script:alert" not in shown
