"""What happened to a sandbox is written down and told to its pages."""

from __future__ import annotations

import pytest

from sandboxes.models import SandboxEvent
from sandboxes.news import event_log, events
from sandboxes.services import creating
from vibe.streams.stream import EventStream


@pytest.fixture
def sandbox(owner):
    return creating.create_sandbox(owner, start=False)


def test_a_recorded_event_stands_in_the_log_newest_first(sandbox):
    event_log.record(sandbox, SandboxEvent.Kind.LIFECYCLE, "It was started.")
    event_log.record(sandbox, SandboxEvent.Kind.NETWORK, "A host was refused.", host="x.test")

    newest, oldest = event_log.list_for(sandbox)

    assert (newest.text, newest.data) == ("A host was refused.", {"host": "x.test"})
    assert oldest.kind == SandboxEvent.Kind.LIFECYCLE


def test_a_text_that_is_too_long_is_cut(sandbox):
    event = event_log.record(sandbox, SandboxEvent.Kind.LIMIT, "x" * 1000)

    assert len(event.text) == event_log.MAX_TEXT


def test_the_pages_of_the_sandbox_hear_of_it(sandbox):
    stream = EventStream(events.sandbox_key(sandbox.id))
    before = stream.last()

    event_log.record(sandbox, SandboxEvent.Kind.FILES, "A folder was uploaded.")

    assert stream.last() > before
