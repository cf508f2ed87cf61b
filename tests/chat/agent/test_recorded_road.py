"""The recordings that come with Vibe play in a real sandbox as they were made."""

from __future__ import annotations

import pytest

from chat.providers.recordings import find
from tests.chat.agent.demo_road import answer, cards, fetch

pytestmark = pytest.mark.sandbox
DIFFERS = "not as in the recording"


def test_the_todo_app_is_built_again_and_gets_its_dark_colours(
    sandbox_worker, conversation, say, parts
):
    first = parts(say("go", model="recorded:todo-then-dark"))
    sandbox = type(conversation).objects.get(pk=conversation.pk).sandbox
    light = fetch(sandbox, 3000)
    second = parts(say("next"))
    dark = fetch(sandbox, 3000)

    words = answer(first) + answer(second)
    assert DIFFERS not in words
    assert "The recording is over" in words
    assert f"http://3000-{sandbox.pk}." in answer(first)
    assert "light-dark(" not in light
    assert "light-dark(" in dark


def test_the_failing_script_fails_again_is_repaired_and_tested(
    sandbox_worker, conversation, say, parts
):
    played = [parts(say("next", model="recorded:failing-script-repaired")) for _ in range(3)]

    assert DIFFERS not in "".join(map(answer, played))
    assert cards(played[0])[-1] == ("run_command", "failed")
    assert all(state == "done" for found in played[1:] for _, state in cards(found))
    [ran] = [part for part in played[1] if part.arguments.get("args") == ["report.py"]]
    assert "2026-02     1280.40" in ran.result["tail"]


def test_a_replay_recorded_by_the_demo_models_road_comes_to_the_same(
    sandbox_worker, conversation, say, parts, settings, tmp_path
):
    """Recorded from a stored conversation, played in another."""
    from chat.providers.recordings import written
    from chat.services import conversations
    from chat.services.portability.recording import record

    say("Run `echo hello`")
    settings.RECORDINGS_DIR = tmp_path
    conversation.refresh_from_db()
    (tmp_path / "mine.json").write_text(written(record(conversation)))
    recorded = find("mine")
    again = conversations.create(conversation.owner, model="recorded:mine")

    from chat.agent import runtime
    from chat.services import turns

    turn = turns.start_turn(again, "go")
    runtime.run(turn.pk)

    made = [call.tool for step in recorded.turns[0].steps for call in step.calls]
    assert [tool for tool, _ in cards(parts(turn))] == made
    assert DIFFERS not in answer(parts(turn))
