"""Snapshots that a stop makes by itself stand in nobody's way."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from sandboxes.models import Sandbox, Snapshot
from sandboxes.node import leftovers
from sandboxes.services import lifecycle, quotas, retention, snapshots
from tests.fixtures.rows import make_sandbox, make_snapshot
from vibe.refusal import Refusal

MB = 1 << 20
STOP, MANUAL = Snapshot.Method.STOP, Snapshot.Method.MANUAL


@pytest.fixture
def stopped(owner) -> Sandbox:
    return make_sandbox(owner, "stopped", status="stopped")


def made(sandbox: Sandbox, method: str = STOP, *, age: int = 0, size: int = 0) -> Snapshot:
    before = timezone.now() - timedelta(seconds=age)
    return make_snapshot(sandbox, method=method, size_bytes=size, created_at=before)


def kept(sandbox: Sandbox) -> set[str]:
    found = Snapshot.objects.filter(sandbox=sandbox, status=Snapshot.Status.CREATED)
    return set(found.values_list("pk", flat=True))


def test_only_the_last_of_a_sandbox_stay_and_those_asked_for_too(stopped, settings):
    settings.STOP_SNAPSHOTS_KEPT = 2
    asked = made(stopped, MANUAL, age=100)
    rows = [made(stopped, age=age) for age in (50, 40, 30, 20)]
    retention.keep_last(stopped)
    assert kept(stopped) == {asked.pk, rows[2].pk, rows[3].pk}


def test_one_that_the_sandbox_is_to_start_with_stays(stopped, settings):
    settings.STOP_SNAPSHOTS_KEPT = 1
    chosen, _, newest = (made(stopped, age=age) for age in (50, 40, 30))
    Sandbox.objects.filter(pk=stopped.pk).update(next_snapshot=chosen, current_snapshot=newest)
    retention.keep_last(stopped)
    assert kept(stopped) == {chosen.pk, newest.pk}


def test_a_rule_of_the_sandbox_goes_before(stopped, settings):
    settings.STOP_SNAPSHOTS_KEPT = 1
    rows = [made(stopped, age=age) for age in (50, 40, 30)]
    Sandbox.objects.filter(pk=stopped.pk).update(keep_last_snapshots={"count": 2})
    retention.keep_last(stopped)
    assert kept(stopped) == {rows[1].pk, rows[2].pk}


def test_they_count_for_the_owner_neither_among_those_asked_for_nor_against_themselves(
    stopped, settings
):
    settings.SNAPSHOTS_PER_USER = 1
    for age in (50, 40):
        made(stopped, age=age)
    assert quotas.use_of(stopped.owner_id).snapshots == 0
    snapshots.create(stopped)
    with pytest.raises(Refusal, match="You keep 1 snapshots"):
        snapshots.create(stopped)
    assert snapshots.create(stopped, method=STOP).method == STOP


def test_the_oldest_make_room_but_for_what_a_sandbox_was_last_saved_as(stopped, settings):
    settings.DISK_PER_USER_MB = 100
    oldest, older, newest = (made(stopped, age=age, size=30 * MB) for age in (50, 40, 30))
    Sandbox.objects.filter(pk=stopped.pk).update(disk_bytes=10 * MB, current_snapshot=newest)
    stopped.refresh_from_db()
    snapshots.create(stopped)
    assert oldest.pk not in kept(stopped) and {older.pk, newest.pk} <= kept(stopped)
    Sandbox.objects.filter(pk=stopped.pk).update(disk_bytes=60 * MB)
    with pytest.raises(Refusal, match="that you may have"):
        snapshots.create(stopped)
    assert newest.pk in kept(stopped)


def test_they_end_with_their_sandbox_and_others_do_not(stopped):
    automatic, asked = made(stopped), made(stopped, MANUAL)
    lifecycle.delete(stopped)
    leftovers.remove_sandbox(stopped.pk)
    assert kept(stopped) == {asked.pk}
    automatic.refresh_from_db()
    assert automatic.status == Snapshot.Status.DELETED


def test_they_stay_when_somebody_asks_for_that_and_count_then(stopped, settings):
    first, second = made(stopped, age=50), made(stopped, age=40)
    snapshots.change(first, name="before the move")
    assert quotas.use_of(stopped.owner_id).snapshots == 1
    settings.SNAPSHOTS_PER_USER = 1
    with pytest.raises(Refusal, match="which is the limit"):
        snapshots.keep_all_of(stopped)
    settings.SNAPSHOTS_PER_USER = 2
    snapshots.keep_all_of(stopped)
    lifecycle.delete(stopped)
    leftovers.remove_sandbox(stopped.pk)
    assert kept(stopped) == {first.pk, second.pk}


def test_one_that_outlives_its_sandbox_counts(stopped, owner):
    used = made(stopped)
    make_sandbox(owner, "copy", status="stopped", current_snapshot=used)
    lifecycle.delete(stopped)
    leftovers.remove_sandbox(stopped.pk)
    assert kept(stopped) == {used.pk}
    assert quotas.use_of(owner.pk).snapshots == 1
