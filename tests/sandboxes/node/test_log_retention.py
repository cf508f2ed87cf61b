"""Output goes when it is too old, when there is too much of it, or with its sandbox."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from sandboxes.models import Command, LogChunk
from sandboxes.node import log_retention
from sandboxes.output import replay
from tests.fixtures.rows import add_output, finish, make_command, make_sandbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def sandbox(alice):
    return make_sandbox(alice)


def ended(sandbox, days_ago: float, size: int = 10) -> Command:
    command = finish(add_output(make_command(sandbox), (1, b"x" * size)))
    command.finished_at = timezone.now() - timedelta(days=days_ago)
    command.save()
    return command


def kept(*commands: Command) -> list[bool]:
    return [LogChunk.objects.filter(command=command).exists() for command in commands]


def test_output_is_kept_for_so_many_days(sandbox, settings):
    settings.LOG_RETENTION_DAYS = 7
    old, young = ended(sandbox, 7.1), ended(sandbox, 6.9)
    assert log_retention.enforce() == log_retention.Removed(1, 10)
    assert kept(old, young) == [False, True]
    old.refresh_from_db()
    assert old.log_removed_at is not None
    assert "was removed on" in replay.text(old)


def test_zero_days_means_for_ever(sandbox, settings):
    settings.LOG_RETENTION_DAYS = 0
    assert log_retention.enforce() == log_retention.Removed(0, 0)
    assert kept(ended(sandbox, 5000)) == [True]


def test_of_too_much_the_oldest_goes_and_no_more_than_needed(sandbox, settings):
    settings.LOG_RETENTION_MB = 2
    logs = [ended(sandbox, days, 900_000) for days in (1, 3, 2)]
    log_retention.enforce()
    assert kept(*logs) == [True, False, True]


def test_what_runs_is_never_touched(sandbox, settings):
    settings.LOG_RETENTION_MB = 1
    command = add_output(make_command(sandbox, status="running"), (1, b"x" * 2_000_000))
    log_retention.enforce()
    assert not log_retention.remove(command)
    assert kept(command) == [True]


def test_the_output_of_a_deleted_sandbox_goes_with_it(sandbox):
    command = ended(sandbox, 0)
    sandbox.deleted_at = timezone.now()
    sandbox.save()
    log_retention.enforce()
    assert kept(command) == [False]


@pytest.mark.django_db(transaction=True)
async def test_a_reader_of_a_removed_log_hears_that_it_is_gone(alice):
    from asgiref.sync import sync_to_async

    command = await sync_to_async(lambda: ended(make_sandbox(alice), 1))()
    await sync_to_async(log_retention.remove)(command)
    items = [item async for item in replay.follow(command.pk)]
    assert items[0] == replay.Dropped(0, 10)
    assert items[1].command.log_removed_at is not None


def test_one_users_output_makes_no_room_for_that_of_one_who_has_more(alice, bob, settings):
    settings.LOG_RETENTION_MB = 5
    few = ended(make_sandbox(alice, "few"), 20, 19)
    many = [ended(make_sandbox(bob, f"many-{n}"), n, 2_500_000) for n in range(4)]
    assert log_retention.enforce() == log_retention.Removed(3, 7_500_000)
    assert kept(few, *many) == [True, True, False, False, False]


def test_who_has_most_gives_first_and_then_all_in_turns(alice, bob, settings):
    settings.LOG_RETENTION_MB = 4
    ours = [ended(make_sandbox(alice, f"a-{n}"), 10 - n, 1_000_000) for n in range(4)]
    theirs = [ended(make_sandbox(bob, f"b-{n}"), 10 - n, 1_000_000) for n in range(3)]
    log_retention.enforce()
    assert kept(*ours) == [False, False, True, True]
    assert kept(*theirs) == [False, True, True]


def test_each_user_keeps_only_a_share(alice, bob, settings):
    settings.LOG_PER_USER_MB = 1
    ours = [ended(make_sandbox(alice, f"a-{n}"), n, 600_000) for n in range(3)]
    theirs = ended(make_sandbox(bob, "b"), 20, 900_000)
    log_retention.enforce()
    assert kept(*ours, theirs) == [True, False, False, True]


def test_zero_means_that_a_user_has_no_share(sandbox, settings):
    settings.LOG_PER_USER_MB = 0
    log = ended(sandbox, 1, 3_000_000)
    log_retention.enforce()
    assert kept(log) == [True]
