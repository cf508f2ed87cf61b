"""Finished steps become one line; what a person has to see stays outside of it."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from chat.models import Part
from chat.rendering.steps import around, gathered

pytestmark = pytest.mark.unit
BEGAN = timezone.now()


def part(kind: str, state: str = "done", *, tool: str = "", text: str = "", seconds: float = 0.5):
    made = Part(kind=kind, state=state, tool=tool, text=text, started_at=BEGAN)
    made.finished_at = BEGAN + timedelta(seconds=seconds)
    return made


def step(tool: str = "write_files", state: str = "done", **more) -> Part:
    return part("tool_call", state, tool=tool, **more)


def lines(*parts: Part) -> list[object]:
    """Of each line its words and number of steps, or the kind of what stands alone."""
    return [
        (steps.words, steps.count) if steps else entries[0].tool or entries[0].kind
        for steps, entries in gathered(list(parts), lambda one: one)
    ]


def test_steps_that_follow_on_each_other_are_one_line_with_their_time_and_number():
    made = [step("create_sandbox"), step(), step("run_command", seconds=1.0), step("read_file")]

    assert lines(*made) == [("Built in 2.5 s", 4)]


def test_what_only_looks_or_runs_is_told_in_other_words():
    assert lines(step("read_file"), step("list_files"))[0][0] == "Looked at files in 1.0 s"
    assert lines(step("read_file"), step("run_command"))[0][0] == "Worked in 1.0 s"


def test_one_step_is_its_own_line():
    assert lines(step()) == ["write_files"]


@pytest.mark.parametrize("state", ["streaming", "running", "background", "failed", "stopped"])
def test_what_is_not_done_well_stays_outside(state):
    made = [step(), step(), step("run_command", state), step(), step()]

    assert lines(*made) == [("Built in 1.0 s", 2), "run_command", ("Built in 1.0 s", 2)]


def test_an_address_and_a_tool_that_nobody_knows_stay_outside():
    assert lines(step("get_sandbox_url"), step("mystery"), step()) == [
        "get_sandbox_url", "mystery", "write_files",
    ]  # fmt: skip


def test_a_command_that_was_refused_a_host_asks_for_it_outside(monkeypatch):
    asking = step("run_command")
    asking.__dict__["command"] = SimpleNamespace(refused=[{"host": "example.com"}])
    monkeypatch.setattr(Part, "command", property(lambda one: one.__dict__.get("command")))

    assert lines(step(), asking, step()) == ["write_files", "run_command", "write_files"]


def test_a_sentence_between_two_steps_goes_with_them_and_an_answer_does_not():
    short, answer = part("text", text="Now I run it."), part("text", text="word " * 60)
    thought = part("reasoning", text="hm")

    assert lines(step(), short, thought, step()) == [("Built in 2.0 s", 2)]
    assert lines(step(), answer, step()) == ["write_files", "text", "write_files"]
    assert lines(step(), part("text", text="a\n\nb"), step())[1] == "text"


def test_what_is_said_before_and_after_the_steps_stands_outside():
    words = part("text", text="Short.")

    assert lines(words, step(), step(), part("text", text="Done.")) == [
        "text", ("Built in 1.0 s", 2), "text",
    ]  # fmt: skip


def test_the_line_of_a_step_is_found_among_all_parts():
    made = [step(), step("run_command", "failed"), step(), step("read_file")]

    line = around(made, made[3].pk)
    assert line is not None and [one.pk for one in line.parts] == [made[2].pk, made[3].pk]
    assert around(made, made[0].pk) is None
