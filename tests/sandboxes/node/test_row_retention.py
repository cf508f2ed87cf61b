"""Of commands and events each owner keeps the newest, and nobody's are lost to somebody else's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from sandboxes.host import shares
from sandboxes.models import (
    Command,
    LogChunk,
    Sandbox,
    SandboxEvent,
    SandboxSession,
    Terminal,
)
from sandboxes.news import event_log
from sandboxes.node import row_retention
from sandboxes.services import finding
from tests.fixtures.rows import add_output, finish, make_command, make_sandbox, make_snapshot
from vibe.data import newest

pytestmark = pytest.mark.django_db


def test_the_oldest_ended_commands_of_an_owner_go_with_their_output(alice, bob, settings):
    settings.ROWS_PER_USER = 2
    box, other = make_sandbox(alice), make_sandbox(bob)
    running = make_command(box, status="running")
    mine = [finish(add_output(make_command(box), (1, b"x"))) for _ in range(4)]
    theirs = finish(make_command(other))
    assert row_retention.enforce() == 2
    assert set(Command.objects.all()) == {running, mine[2], mine[3], theirs}
    assert LogChunk.objects.count() == 2


def test_a_terminal_that_nobody_has_closed_stays(alice, settings):
    settings.ROWS_PER_USER = 1
    box = make_sandbox(alice)
    shell = finish(make_command(box, tty=True))
    Terminal.objects.create(sandbox=box, command=shell, name="Shell 1")
    for _ in range(3):
        finish(make_command(box))
    row_retention.enforce()
    assert Command.objects.filter(pk=shell.pk).exists()
    assert Command.objects.count() == 2


def test_the_oldest_events_of_an_owner_go(alice, redis, settings, monkeypatch):
    settings.ROWS_PER_USER = 3
    monkeypatch.setattr(newest, "ROWS_A_STATEMENT", 2)
    box = make_sandbox(alice)
    for number in range(8):
        event_log.record(box, SandboxEvent.Kind.NETWORK, f"{number}")
    assert row_retention.enforce() == 5
    assert [event.text for event in event_log.list_for(box)] == ["7", "6", "5"]


def test_zero_keeps_all(alice, settings):
    settings.ROWS_PER_USER = 0
    for _ in range(3):
        finish(make_command(make_sandbox(alice, f"{_}")))
    assert row_retention.enforce() == 0
    assert Command.objects.count() == 3


def test_of_what_was_deleted_the_newest_rows_stay(alice, bob, settings):
    settings.ROWS_PER_USER = 20
    boxes = [make_sandbox(alice, f"{n}", status="stopped") for n in range(4)]
    theirs = make_sandbox(bob, status="stopped")
    for number, box in enumerate((*boxes[:3], theirs)):
        then = timezone.now() - timedelta(days=9 - number)
        Sandbox.objects.filter(pk=box.pk).update(deleted_at=then)
    assert row_retention.enforce() == 1
    assert set(Sandbox.objects.all()) == {*boxes[1:], theirs}


def test_a_deleted_sandbox_whose_files_are_still_there_keeps_its_row(alice, settings):
    settings.ROWS_PER_USER = 1
    for name in ("old", "young"):
        box = make_sandbox(alice, name, status="stopped")
        Sandbox.objects.filter(pk=box.pk).update(deleted_at=timezone.now())
    old = Sandbox.objects.get(name="old")
    shares.root_of(old).mkdir(parents=True)
    try:
        row_retention.enforce()
        assert Sandbox.objects.filter(pk=old.pk).exists()
    finally:
        shares.root_of(old).rmdir()


def run_again(box: Sandbox) -> SandboxSession:
    """One more session that is over, the latest of the sandbox."""
    box.session = SandboxSession.objects.create(sandbox=box, node="local", status="stopped")
    box.save()
    return box.session


def test_of_past_sessions_the_first_and_the_latest_of_a_sandbox_and_the_newest_stay(
    alice, bob, settings
):
    settings.ROWS_PER_USER = 1
    box, other = (make_sandbox(user, status="stopped") for user in (alice, bob))
    first, theirs = box.session, [other.session, run_again(other)]
    later = [run_again(box) for _ in range(5)]
    assert row_retention.enforce() == 3
    assert set(SandboxSession.objects.all()) == {first, later[3], later[4], *theirs}
    assert not finding.is_first(later[4])


def test_a_past_session_stays_as_long_as_a_command_or_an_unfinished_snapshot_is_of_it(
    alice, settings
):
    settings.ROWS_PER_USER = 1
    box = make_sandbox(alice, status="stopped")
    with_command, with_snapshot, plain, *_ = [run_again(box) for _ in range(5)]
    box.session = with_command
    finish(make_command(box))
    box.session = with_snapshot
    make_snapshot(box, status="creating")
    row_retention.enforce()
    kept = set(SandboxSession.objects.all())
    assert {with_command, with_snapshot} <= kept
    assert plain not in kept
