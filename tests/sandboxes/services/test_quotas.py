"""What one owner may have in all: sandboxes, commands, snapshots, drives and disk space."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from sandboxes.host import reserve
from sandboxes.models import Command, Drive, Sandbox, Snapshot
from sandboxes.services import commands, creating, drives, forks, quotas, snapshots
from sandboxes.services.quotas import DiskNearlyFull, QuotaReached
from tests.fixtures.rows import make_command, make_sandbox, make_snapshot
from vibe.accounts.models import User
from vibe.refusal import Refusal

MB = 1 << 20
GB = 1 << 30

pytestmark = pytest.mark.django_db


def drive(owner: User, name: str, size: int) -> Drive:
    return Drive.objects.create(owner=owner, name=name, max_size_bytes=GB, size_bytes=size)


@pytest.fixture
def full(alice: User, settings) -> User:
    """She has used 900 of 1,000 MB: 500 in a sandbox, 300 in a snapshot, 100 in a drive."""
    settings.DISK_PER_USER_MB = 1000
    box = make_sandbox(alice, "big", status="stopped", disk_bytes=500 * MB)
    make_snapshot(box, name="friday", size_bytes=300 * MB)
    drive(alice, "data", 100 * MB)
    return alice


def test_the_use_of_an_owner_counts_what_is_there_and_nobody_elses(full, bob):
    make_sandbox(bob, disk_bytes=GB)
    gone = make_sandbox(full, "gone", status="stopped", disk_bytes=GB)
    Sandbox.objects.filter(pk=gone.pk).update(deleted_at=gone.created_at)
    make_snapshot(gone, status="deleted", size_bytes=GB)
    assert quotas.use_of(full.pk) == quotas.Use(
        sandboxes=1, running=0, snapshots=1, drives=1, disk=900 * MB
    )


def test_all_of_it_is_counted_in_one_query(full, django_assert_num_queries):
    quotas.use_of(full.pk)
    with django_assert_num_queries(1):
        quotas.use_of(full.pk)


def test_a_snapshot_under_way_counts_what_its_sandbox_takes(full):
    make_snapshot(Sandbox.objects.get(), status="creating", size_bytes=3)
    assert quotas.use_of(full.pk).disk == 1400 * MB


def test_many_empty_files_of_a_snapshot_count_a_block_each(alice):
    make_snapshot(make_sandbox(alice), size_bytes=0, file_count=1000)
    assert quotas.use_of(alice.pk).disk == 1000 * 4096


def test_read_only_copies_of_drives_count_while_their_session_lives(alice):
    box = make_sandbox(
        alice, mounts={"/a": {"id": drive(alice, "a", 7 * MB).pk, "mode": "snapshot"}}
    )
    assert drives.bytes_of_copies(box) == 7 * MB
    box.session.mounted_bytes = 7 * MB
    box.session.save()
    assert quotas.use_of(alice.pk).disk == 14 * MB
    box.session.status = "stopped"
    box.session.save()
    assert quotas.use_of(alice.pk).disk == 7 * MB


def test_a_user_keeps_only_so_many_sandboxes_and_hears_which_is_the_largest(alice, settings):
    settings.SANDBOXES_KEPT_PER_USER = 2
    make_sandbox(alice, "small", status="stopped", disk_bytes=MB)
    make_sandbox(alice, "large", status="stopped", disk_bytes=1200 * MB)
    with pytest.raises(QuotaReached) as refused:
        creating.create_sandbox(alice, start=False)
    assert refused.value.code == "limit"
    assert refused.value.message == "You keep 2 sandboxes, which is the limit."
    assert refused.value.hint == (
        "Delete one that you do not need: the largest is large with 1.17 GB."
    )


def test_a_deleted_sandbox_makes_room_for_another(alice, settings):
    settings.SANDBOXES_KEPT_PER_USER = 1
    first = creating.create_sandbox(alice, start=False)
    Sandbox.objects.filter(pk=first.pk).update(deleted_at=first.created_at)
    assert creating.create_sandbox(alice, start=False).pk


@pytest.mark.parametrize(
    "name", ["SANDBOXES_KEPT_PER_USER", "COMMANDS_PER_USER", "DISK_PER_USER_MB", "DRIVES_PER_USER"]
)
def test_zero_means_no_limit(full, settings, name):
    setattr(settings, name, 0)
    box = creating.create_sandbox(full, start=False)
    make_command(make_sandbox(full, "other"), status="running")
    assert drives.get_or_create(full, "more", placement={})[1]
    quotas.check_command(full.pk)
    if name == "DISK_PER_USER_MB":
        assert quotas.disk_left(quotas.use_of(box.owner_id)) is None


def test_a_user_has_only_so_many_commands_at_once(alice, settings):
    settings.COMMANDS_PER_USER = 2
    box, other = make_sandbox(alice, "busy"), make_sandbox(alice, "calm")
    for status in ("running", "queued"):
        make_command(box, status=status)
    with pytest.raises(QuotaReached) as refused:
        commands.run(other, "true")
    assert refused.value.code == "limit"
    assert "You have 2 commands and terminals running or waiting" in refused.value.message
    assert "2 of them are in busy" in refused.value.hint
    Command.objects.update(status="finished")
    assert commands.run(other, "true").status == "queued"


def test_a_snapshot_beyond_the_disk_space_is_refused_with_what_takes_most(full):
    with pytest.raises(QuotaReached) as refused:
        snapshots.create(Sandbox.objects.get())
    assert refused.value.code == "limit"
    assert refused.value.message == (
        "Your sandboxes, snapshots, drives and attachments take 900 MB of the 1000 MB that you may "
        "have, and this needs 500 MB."
    )
    assert "the sandbox big takes most, 500 MB" in refused.value.hint
    assert Snapshot.objects.count() == 1


def test_a_sandbox_from_a_snapshot_that_does_not_fit_is_refused(full):
    with pytest.raises(QuotaReached):
        creating.create_sandbox(full, snapshot=Snapshot.objects.get(), start=False)
    assert Sandbox.objects.count() == 1


def test_a_copy_of_a_sandbox_that_does_not_fit_is_refused_and_leaves_nothing(full):
    with pytest.raises(QuotaReached):
        forks.fork(Sandbox.objects.get(), start=False)
    assert (Sandbox.objects.count(), Snapshot.objects.count()) == (1, 1)


def test_a_copy_counts_once(full, settings):
    settings.DISK_PER_USER_MB = 1400
    forks.fork(Sandbox.objects.get(), start=False)
    assert quotas.use_of(full.pk).disk == 1400 * MB


def test_going_back_to_a_snapshot_needs_only_what_it_holds_more(full):
    box = Sandbox.objects.get()
    larger = make_snapshot(box, name="larger", size_bytes=0)
    Snapshot.objects.filter(pk=larger.pk).update(size_bytes=601 * MB)
    Snapshot.objects.filter(name="friday").delete()
    with pytest.raises(QuotaReached):
        snapshots.restore(box, Snapshot.objects.get(name="larger"))
    Snapshot.objects.filter(pk=larger.pk).update(size_bytes=400 * MB)
    Sandbox.objects.filter(pk=box.pk).update(disk_bytes=300 * MB)
    snapshots.restore(box, Snapshot.objects.get(name="larger"))
    box.refresh_from_db()
    assert box.disk_bytes == 400 * MB


def test_a_snapshot_larger_than_the_sandbox_may_be_is_refused(alice):
    saved = make_snapshot(make_sandbox(alice), size_bytes=101 * MB)
    with pytest.raises(Refusal) as refused:
        creating.create_sandbox(alice, snapshot=saved, limits={"disk_mb": 100}, start=False)
    assert refused.value.code == "limit"
    assert "holds 101 MB of files, and the sandbox may hold 100 MB" in refused.value.message


def test_a_copy_of_a_drive_that_does_not_fit_is_refused(full):
    Drive.objects.update(size_bytes=101 * MB)
    with pytest.raises(QuotaReached):
        drives.fork(Drive.objects.get(), "again")
    assert Drive.objects.count() == 1


def test_a_user_has_only_so_many_drives(full, settings):
    settings.DRIVES_PER_USER = 1
    with pytest.raises(QuotaReached) as refused:
        drives.get_or_create(full, "more", placement={})
    assert "the largest is data with 100 MB" in refused.value.hint
    assert drives.get_or_create(full, "data", placement={})[1] is False


def test_an_owner_whose_disk_space_is_used_up_gets_no_further_sandbox(full):
    Drive.objects.update(size_bytes=200 * MB)
    with pytest.raises(QuotaReached, match="takes most"):
        creating.create_sandbox(full, start=False)


def test_quotas_hold_for_administrators_unless_the_operator_says_otherwise(full, settings):
    User.objects.update(is_superuser=True)
    settings.SANDBOXES_KEPT_PER_USER = 1
    with pytest.raises(QuotaReached):
        creating.create_sandbox(full, start=False)
    settings.ADMINISTRATORS_WITHOUT_QUOTAS = True
    assert creating.create_sandbox(full, start=False).pk


def test_below_the_reserve_nothing_is_made_that_takes_disk_space(full, settings):
    settings.DISK_RESERVE_MB = 1 << 40
    settings.DISK_PER_USER_MB = 0
    box = Sandbox.objects.get()
    ways = [
        lambda: creating.create_sandbox(full, start=False),
        lambda: snapshots.create(box),
        lambda: forks.fork(box, start=False),
        lambda: snapshots.restore(box, Snapshot.objects.get()),
        lambda: drives.get_or_create(full, "more", placement={}),
        lambda: drives.fork(Drive.objects.get(), "again"),
    ]
    for way in ways:
        with pytest.raises(DiskNearlyFull) as refused:
            way()
        assert refused.value.code == "unavailable"
        assert "ask the operator" in refused.value.hint
    assert (Sandbox.objects.count(), Snapshot.objects.count(), Drive.objects.count()) == (1, 1, 1)


def test_below_the_reserve_commands_run_that_may_free_some(alice, settings):
    settings.DISK_RESERVE_MB = 1 << 40
    assert commands.run(make_sandbox(alice), "rm", ["large"]).status == "queued"


def test_the_reserve_is_a_part_of_the_disk_within_bounds(settings, monkeypatch):
    class Disk:
        f_frsize = 4096
        f_blocks = 0

    monkeypatch.setattr(reserve.os, "statvfs", lambda _: Disk)
    settings.DISK_RESERVE_MB = -1
    sizes = []
    for gigabytes in (8, 100, 4000):
        Disk.f_blocks = gigabytes * GB // 4096
        sizes.append(round(reserve.size() / GB, 1))
    assert sizes == [1, 5, 10]
    settings.DISK_RESERVE_MB = 0
    assert reserve.size() == 0 and reserve.is_held()


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_time_only_one_takes_the_last_place(alice, settings):
    settings.SANDBOXES_KEPT_PER_USER = 3
    make_sandbox(alice, "one", status="stopped")
    make_sandbox(alice, "two", status="stopped")
    together = Barrier(8)

    def create(number: int) -> bool:
        together.wait()
        try:
            creating.create_sandbox(alice, name=f"new-{number}", start=False)
        except QuotaReached:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(create, range(8)))
    assert sum(made) == 1
    assert Sandbox.objects.filter(owner=alice).count() == 3


@pytest.mark.django_db(transaction=True)
def test_of_two_commands_at_the_same_time_only_one_takes_the_last_place(alice, settings):
    settings.COMMANDS_PER_USER = 1
    box = make_sandbox(alice)
    together = Barrier(6)

    def run(_: int) -> bool:
        together.wait()
        try:
            commands.run(box, "true")
        except QuotaReached:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(6) as threads:
        assert sum(threads.map(run, range(6))) == 1
    assert Command.objects.count() == 1
