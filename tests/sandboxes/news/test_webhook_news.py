"""What programs do not hear any more, people are told."""

from __future__ import annotations

import pytest

from sandboxes.models import SandboxEvent
from sandboxes.news import webhooks
from tests.fixtures.rows import make_sandbox
from vibe.webhooks.services import endpoints

pytestmark = pytest.mark.django_db


def test_that_messages_are_dropped_stands_in_the_event_log_once(alice, settings):
    settings.WEBHOOK_MESSAGES_PER_USER = 2
    endpoints.create(alice, "https://dead.example/hook")
    box = make_sandbox(alice)
    for _ in range(4):
        webhooks.sandbox(box, "started")
    (event,) = SandboxEvent.objects.filter(sandbox=box, kind="limit")
    assert event.text.startswith("New messages to webhooks at dead.example are dropped")
