"""What the checks of this folder share: an app that a turn has left behind."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tests.fixtures.waiting import until

FILES = ("python3", "-m", "http.server", "3000")


@pytest.fixture
def left(settings, conversation, sandbox, monkeypatch) -> Callable:
    """left(files, plan, line) → the id of a check that waits, of a turn that has left these files
    behind and a server of that line."""
    from chat.models import Turn
    from chat.services import endings
    from chat.services.checking import checks
    from sandboxes.services import commands, files, ports

    settings.CHECK_TURNS = True
    asked: list[str] = []
    monkeypatch.setattr(checks, "enqueue", lambda *words, **_: asked.append(words[2]))
    conversation.sandbox = sandbox
    conversation.save()

    def leave(texts: dict[str, str], plan: Sequence[Any] = (), line: Sequence[str] = FILES) -> str:
        turn = Turn.objects.create(conversation=conversation, model="demo", status="running")
        if plan:
            checks.plan(turn, plan)
        files.write_files(sandbox, [(name, text.encode()) for name, text in texts.items()])
        if 3000 not in ports.listening(sandbox):
            commands.run(sandbox, line[0], line[1:], background=True)
            until(lambda: 3000 in ports.listening(sandbox), lambda: "no server", 60)
        endings.end_turn(turn.pk, Turn.Status.COMPLETED)
        return asked.pop()

    return leave


@pytest.fixture
def carry_out() -> Callable:
    """Carries out the check of that id; the check."""
    from chat.checking import running
    from chat.models import Check

    def run(check_id: str) -> Check:
        asyncio.run(running.run(check_id))
        return Check.objects.get(pk=check_id)

    return run


@pytest.fixture
def checked(left, carry_out) -> Callable:
    """As `left`, and the check is carried out; the check."""
    return lambda *given, **named: carry_out(left(*given, **named))
