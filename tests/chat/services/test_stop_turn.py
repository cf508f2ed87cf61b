from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from django.db import connections

from tests.fixtures.waiting import until


@pytest.fixture
def working() -> Iterator[Callable]:
    """Runs a turn in a thread, as the chat worker does; joined at the end."""
    from chat.agent import runtime

    threads = []

    def work(turn) -> threading.Thread:
        def target() -> None:
            runtime.run(turn.pk)
            connections.close_all()

        thread = threading.Thread(target=target)
        thread.start()
        threads.append(thread)
        return thread

    yield work
    runtime.interrupt_all()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive(), "the turn did not end"


def test_a_waiting_turn_stops_at_once_and_never_runs(conversation, parts):
    from chat.agent import runtime
    from chat.services import stopping, turns

    turn = turns.start_turn(conversation, "Create a new sandbox")

    stopped = stopping.stop_turn(turn)
    runtime.run(turn.pk)

    stopped.refresh_from_db()
    assert stopped.status == "stopped"
    assert parts(stopped) == []
    assert turns.start_turn(conversation, "Next").status == "queued"


@pytest.mark.sandbox
def test_stopping_a_turn_stops_the_command_that_it_waits_for(
    sandbox_worker, conversation, working, parts
):
    from chat.services import stopping, turns
    from sandboxes.models import Command

    turn = turns.start_turn(conversation, "run `sleep 300`")
    thread = working(turn)
    until(lambda: Command.objects.filter(status="running").exists())

    stopping.stop_turn(turn, conversation.owner)
    thread.join(15)

    turn.refresh_from_db()
    command = until(lambda: Command.objects.filter(status="finished").first())
    assert turn.status == "stopped"
    assert command.cause == "killed"
    assert parts(turn)[-1].state == "stopped"


@pytest.mark.sandbox
def test_stopping_a_turn_ends_all_that_its_command_has_started(
    sandbox_worker, conversation, working
):
    from chat.services import stopping, turns
    from sandboxes.models import Command
    from sandboxes.output import replay
    from sandboxes.services import commands

    script = "trap : TERM; setsid sleep 4711 & (trap '' TERM; exec sleep 4712) & sleep 300"
    turn = turns.start_turn(conversation, f"run `{script}`")
    thread = working(turn)
    waiting = until(lambda: Command.objects.filter(status="running").first())
    assert script in waiting.args

    stopping.stop_turn(turn, conversation.owner)
    thread.join(15)

    until(lambda: Command.objects.filter(status="finished").exists())
    look = commands.run(waiting.sandbox, "sh", ["-c", "pgrep -c sleep; true"])
    assert replay.text(commands.wait(look, 60)) == "0\n"


@pytest.mark.sandbox
def test_a_server_outlives_the_turn_that_started_it(sandbox_worker, conversation, say, working):
    from chat.services import stopping, turns
    from sandboxes.models import Command

    say("run `python3 -m http.server 3000`")
    server = Command.objects.get(background=True)
    turn = turns.start_turn(conversation, "run `sleep 300`")
    thread = working(turn)
    until(lambda: Command.objects.filter(background=False, status="running").exists())

    stopping.stop_turn(turn)
    thread.join(15)

    server.refresh_from_db()
    assert server.status == "running"


def test_stopping_keeps_the_text_that_has_arrived(llmock, settings, conversation, working, parts):
    from chat.services import stopping, turns

    settings.OPENAI_BASE_URL = llmock.base_url("openai")
    llmock.tool_mode("off").pace(50).reply("word " * 400)
    turn = turns.start_turn(conversation, "Write a lot", model="custom:mock")
    thread = working(turn)
    until(lambda: parts(turn) and parts(turn)[0].text)

    stopping.stop_turn(turn)
    thread.join(15)

    turn.refresh_from_db()
    text = parts(turn)[0]
    assert (turn.status, turn.error) == ("stopped", None)
    assert text.state == "stopped"
    assert 0 < len(text.text) < 2000


def test_stopping_twice_and_stopping_an_ended_turn_do_nothing(say):
    from chat.services import stopping

    turn = say("help")

    assert stopping.stop_turn(turn).status == "completed"


def test_the_platforms_own_stop_leaves_the_turn_failed_and_retryable(
    llmock, settings, conversation, working, parts
):
    from chat.agent import runtime
    from chat.services import turns

    settings.OPENAI_BASE_URL = llmock.base_url("openai")
    llmock.tool_mode("off").pace(50).reply("word " * 400)
    turn = turns.start_turn(conversation, "Write a lot", model="custom:mock")
    thread = working(turn)
    until(lambda: parts(turn))

    runtime.interrupt_all()
    thread.join(15)

    turn.refresh_from_db()
    assert turn.status == "failed"
    assert turn.error["title"] == "The platform was stopped"
    assert turn.error["action"] == "retry"
