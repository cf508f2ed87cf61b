"""Rows and events together give every character once, whenever a page attaches."""

from __future__ import annotations

import random
import subprocess
import threading

import pytest
import redis

from tests.fixtures.waiting import until


@pytest.fixture
def journal(conversation):
    from chat.services import turns
    from chat.services.journal import Journal

    turn = turns.start_turn(conversation, "Hello")
    return Journal(turns.claim(turn.pk))


def snapshot(turn_id: str) -> tuple[int, dict[str, str]]:
    """What a page is rendered from: the cursor and the texts of one moment."""
    from django.db import transaction

    from chat.models import Part, Turn

    with transaction.atomic():
        cursor = Turn.objects.values_list("cursor", flat=True).get(pk=turn_id)
        return cursor, dict(Part.objects.filter(message__turn=turn_id).values_list("pk", "text"))


def replayed(start: tuple[int, dict[str, str]], events) -> dict[str, str]:
    """The texts that the page shows once it has applied the events after its cursor."""
    cursor, texts = start[0], dict(start[1])
    for number, event in events:
        if number <= cursor or event["type"] != "text":
            continue
        shown = texts.get(event["part"], "")
        assert event["offset"] <= len(shown), "a gap in the text"
        texts[event["part"]] = shown[: event["offset"]] + event["delta"]
    return texts


def test_a_page_that_attaches_at_any_moment_shows_the_whole_text(journal, monkeypatch):
    from chat.services import journal as module
    from chat.services.events import turn_key
    from vibe.streams.stream import EventStream

    # Small steps, so that saving falls between many events.
    monkeypatch.setattr(module, "SAVE_CHARACTERS", 37)
    chance = random.Random(7)
    moments = []
    for kind in ("reasoning", "text", "text"):
        part = journal.open(kind)
        for _ in range(60):
            journal.add_text(part, "äb" * chance.randint(1, 9))
            moments.append(snapshot(journal.turn.pk))
        journal.change(part, state="done")
        moments.append(snapshot(journal.turn.pk))
    journal.finish("completed", history=[])

    _, final = snapshot(journal.turn.pk)
    events = EventStream(turn_key(journal.turn.pk)).read()
    assert len({cursor for cursor, _ in moments}) > 20
    for moment in moments:
        assert replayed(moment, events) == final


def test_a_part_is_in_its_row_before_pages_are_told(journal):
    from chat.models import Part
    from chat.services.events import turn_key
    from vibe.streams.stream import EventStream

    part = journal.open("text")

    _, event = EventStream(turn_key(journal.turn.pk)).read()[-1]
    assert event == {"type": "part", "part": part.pk, "message": part.message_id}
    assert Part.objects.get(pk=part.pk).state == "streaming"


def test_the_last_event_tells_the_end_of_the_turn(journal):
    from chat.models import Turn
    from chat.services.events import turn_key
    from vibe.streams.stream import EventStream

    journal.finish("completed", history=[])

    number, event = EventStream(turn_key(journal.turn.pk)).read()[-1]
    assert event == {"type": "turn", "status": "completed"}
    assert Turn.objects.get(pk=journal.turn.pk).cursor == number


def test_text_is_saved_at_the_latest_with_the_end(journal):
    from chat.models import Part

    part = journal.open("text")
    journal.add_text(part, "short")
    journal.finish("failed", error={"title": "T", "detail": "D", "action": ""}, history=[])

    saved = Part.objects.get(pk=part.pk)
    assert (saved.text, saved.state) == ("short", "failed")


@pytest.fixture
def mortal_valkey(settings, monkeypatch, tmp_path):
    """A Valkey of its own that the test may kill; returns the function that starts it."""
    from vibe.streams import stream
    from vibe.up import valkey

    where = tmp_path / "r.sock"
    client = redis.Redis.from_url(f"unix://{where}")
    monkeypatch.setattr(stream, "sync_client", lambda: client)
    servers = []

    def start() -> subprocess.Popen:
        argv = valkey.command(valkey.find_binary(), where, tmp_path / "data")
        servers.append(subprocess.Popen(argv, stdout=subprocess.DEVNULL))
        until(lambda: valkey.answers(where), "Valkey's answer")
        return servers[-1]

    yield start
    for server in servers:
        server.kill()
        server.wait()
    client.close()


@pytest.mark.parametrize("forgets", [False, True])
def test_text_outlives_an_outage_of_redis(journal, mortal_valkey, tmp_path, forgets):
    import shutil

    from chat.services.events import turn_key
    from vibe.streams.stream import EventStream

    server = mortal_valkey()
    part = journal.open("text")
    journal.add_text(part, "before ")
    server.kill()
    server.wait()
    if forgets:
        shutil.rmtree(tmp_path / "data")
    restart = threading.Timer(0.6, mortal_valkey)
    restart.start()

    journal.add_text(part, "after")
    restart.join()
    journal.change(part, state="done")

    _, texts = snapshot(journal.turn.pk)
    assert texts[part.pk] == "before after"
    events = EventStream(turn_key(journal.turn.pk)).read()
    numbers = [number for number, _ in events]
    assert numbers == sorted(set(numbers))
    assert events[-1][0] == journal.turn.cursor


def test_a_page_that_attaches_while_a_file_is_written_gets_all_of_it(journal):
    from chat.models import Part, Turn
    from chat.services.events import turn_key
    from vibe.streams.stream import EventStream

    part = journal.open("tool_call", tool="write_files")
    text, snapshots = "", []
    for number in range(40):
        piece = f"line {number} \u00e9\n" * (60 if number % 9 == 0 else 1)
        offset, text = len(text), text + piece
        arguments = {"files": [{"path": "a", "tail": text, "size": len(text)}]}
        journal.add_file_text(part, arguments, number=0, offset=offset, delta=piece)
        row = Part.objects.get(pk=part.pk).arguments.get("files", [{"tail": ""}])[0]["tail"]
        snapshots.append((Turn.objects.get(pk=journal.turn.pk).cursor, row))

    events = EventStream(turn_key(journal.turn.pk)).read()
    assert len({row for _, row in snapshots}) > 1
    for cursor, shown in snapshots:
        for number, event in events:
            if number > cursor and event["type"] == "file":
                assert event["offset"] <= len(shown)
                shown += event["delta"][len(shown) - event["offset"] :]
        assert shown == text
