"""The files of recordings: what can be played, and why something cannot."""

from __future__ import annotations

import json
import os

import pytest

from chat import providers
from chat.providers import recordings
from chat.providers.prices import price_of

GOOD = {
    "format": "vibe-recorded-session",
    "version": 1,
    "title": "Mine",
    "turns": [{"request": "Hello", "steps": [{"text": "Hello."}]}],
}


@pytest.fixture
def own(settings, tmp_path):
    settings.RECORDINGS_DIR = tmp_path
    return tmp_path


def test_two_recordings_come_with_the_project_and_can_be_played():
    found = {one.name: one.reason for one in recordings.listed()}

    assert found["todo-then-dark"] == found["failing-script-repaired"] == ""


def test_a_recording_of_the_own_directory_is_a_model_in_a_group_of_its_own(own):
    (own / "mine.json").write_text(json.dumps(GOOD))

    [choice] = [one for one in providers.models() if one.id == "recorded:mine"]

    assert (choice.label, choice.provider) == ("Recorded: Mine", "Recorded sessions")
    assert choice.available


def test_a_changed_file_is_read_anew(own):
    file = own / "mine.json"
    file.write_text(json.dumps(GOOD))
    recordings.listed()
    file.write_text(json.dumps(GOOD | {"title": "Other"}))
    os.utime(file, (1, 1))

    assert "Other" in [one.title for one in recordings.listed()]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "no recording"),
        ('{"format": "other"}', "no recording"),
        (json.dumps(GOOD | {"version": 2}), "has version 2; 1 can be played"),
        (json.dumps(GOOD | {"turns": []}), "wrong at turns"),
        (json.dumps(GOOD | {"secret": 1}), "wrong at secret"),
        (json.dumps(GOOD | {"about": "x" * (3 << 20)}), "larger than 2 MB"),
        (b"\xff\xfe\x00", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_played_is_listed_with_the_reason(own, content, reason):
    data = content if isinstance(content, bytes) else content.encode()
    (own / "mine.json").write_bytes(data)

    [choice] = [one for one in providers.models() if one.id == "recorded:mine"]

    assert not choice.available
    assert reason in choice.reason


@pytest.mark.parametrize("name", ["../mine", "Mine", "a b", ".hidden", ""])
def test_only_plain_names_are_found(own, name):
    (own.parent / "mine.json").write_text(json.dumps(GOOD))

    assert recordings.find(name) is None


def test_a_broken_recording_never_is_the_default(own):
    (own / "mine.json").write_text("{")

    assert providers.default_model_id() == "demo"


def test_playing_costs_nothing():
    assert price_of("recorded:mine") == price_of("demo")


def test_what_is_written_is_read_again(own):
    recording = recordings.Recording.model_validate(GOOD)
    (own / "mine.json").write_text(recordings.written(recording))

    assert recordings.find("mine") == recording
