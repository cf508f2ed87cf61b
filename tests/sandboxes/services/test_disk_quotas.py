"""What files may take on the disk holds on every road, whether the sandbox runs or not."""

from __future__ import annotations

import io
import os
import tarfile
import zipfile
from collections.abc import Iterator

import pytest
from django.utils import timezone

from sandboxes.engine import directories, disk
from sandboxes.host import shares
from sandboxes.models import Sandbox
from sandboxes.node import disk_use
from sandboxes.services import creating, files, readiness
from sandboxes.services.quotas import DiskNearlyFull, QuotaReached
from tests.fixtures.rows import make_sandbox
from tests.fixtures.waiting import until
from vibe.refusal import Refusal

MB = 1 << 20
LIMITS = {"disk_mb": 100, "file_mb": 60}


def zeros(size: int) -> Iterator[bytes]:
    """So many MB, a piece at a time."""
    return (bytes(MB) for _ in range(size))


def held(sandbox: Sandbox) -> int:
    """Bytes that its files take."""
    state = directories.state_of(shares.root_of(sandbox))
    return disk.measure([disk.DiskTask(state, None, 1 << 40)])[0]


def names(sandbox: Sandbox) -> list[str]:
    return sorted(entry.path for entry in files.list_files(sandbox)[0])


def tar(*members: tuple[str, bytes]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return file.getvalue()


def packed(*members: tuple[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return file.getvalue()


def content(size: int) -> bytes:
    """So many MB that an archive makes 30 times smaller, which is no bomb."""
    return (os.urandom(MB // 32) + bytes(MB - MB // 32)) * size


@pytest.fixture
def stopped(owner, redis) -> Sandbox:
    return creating.create_sandbox(owner, limits=LIMITS, start=False)


@pytest.fixture
def running(owner, sandbox_worker) -> Sandbox:
    return readiness.wait_until_running(creating.create_sandbox(owner, limits=LIMITS))


@pytest.fixture(params=["stopped", pytest.param("running", marks=pytest.mark.sandbox)])
def box(request, owner, sandbox_worker) -> Sandbox:
    sandbox = creating.create_sandbox(owner, limits=LIMITS, start=request.param == "running")
    return readiness.wait_until_running(sandbox) if request.param == "running" else sandbox


def test_381_mb_are_refused_where_a_sandbox_may_hold_100(box):
    for number in range(6):
        try:
            files.write_file(box, f"part-{number}", zeros(59 if number else 50))
        except QuotaReached as refused:
            assert refused.code == "limit"
            assert "more than its 100 MB of files" in refused.message
            assert "disk_mb" in refused.hint
            assert number > 0
    with pytest.raises(QuotaReached):
        files.unpack(box, ".", [tar(*[(f"t{n}", content(40)) for n in range(9)])])
    assert names(box) == ["part-0"]
    assert held(box) < 60 * MB


def test_one_file_of_80_mb_is_refused_where_60_are_allowed(box):
    with pytest.raises(Refusal) as refused:
        files.write_file(box, "large", zeros(80))
    assert refused.value.code == "too_large"
    assert refused.value.message == "One file in this sandbox may have at most 60 MB."
    with pytest.raises(Refusal, match="at most 60 MB"):
        files.unpack(box, ".", [packed(("large", content(80)))])
    assert names(box) == []


def test_a_refused_append_leaves_the_file_as_it_was(box):
    files.write_file(box, "log", zeros(30))
    with pytest.raises(Refusal, match="at most 60 MB"):
        files.write_file(box, "log", zeros(40), append=True)
    assert files.stat(box, "log").size == 30 * MB
    with pytest.raises(Refusal, match="at most 60 MB"):
        files.write_file(box, "new", zeros(70), append=True)
    assert names(box) == ["log"]


def test_a_refused_write_leaves_the_old_content(box):
    files.write_file(box, "kept", [b"old"])
    with pytest.raises(Refusal):
        files.write_file(box, "kept", zeros(80))
    assert files.read_file(box, "kept") == b"old"
    assert names(box) == ["kept"]


def test_a_file_can_be_saved_anew_though_the_sandbox_is_full(box):
    files.write_file(box, "a", zeros(50))
    files.write_file(box, "b", zeros(49))
    files.write_file(box, "a", zeros(50))
    with pytest.raises(QuotaReached):
        files.write_file(box, "c", zeros(2))
    files.remove(box, "b")
    files.write_file(box, "c", zeros(40))
    assert names(box) == ["a", "c"]


@pytest.mark.parametrize("at", [10, 40], ids=["before the first step", "between two steps"])
def test_what_a_count_finds_while_it_is_written_is_not_counted_twice(stopped, at):
    def counted_on_the_way() -> Iterator[bytes]:
        for number, piece in enumerate(zeros(50)):
            if number == at:
                now = held(stopped)
                disk_use.record({stopped.id: now}, {}, timezone.now())
            yield piece

    files.write_file(stopped, "a", counted_on_the_way())
    stopped.refresh_from_db()
    assert stopped.disk_bytes < 51 * MB


def test_a_count_that_a_write_overtook_is_not_written_down(stopped):
    began = timezone.now()
    files.write_file(stopped, "a", zeros(20))
    disk_use.record({stopped.id: 0}, {}, began)
    stopped.refresh_from_db()
    assert 20 * MB <= stopped.disk_bytes < 21 * MB


def test_a_count_that_began_after_a_write_is_written_down(stopped):
    files.write_file(stopped, "a", zeros(20))
    disk_use.record({stopped.id: 7 * MB}, {}, timezone.now())
    stopped.refresh_from_db()
    assert stopped.disk_bytes == 7 * MB


def test_many_small_files_count_a_block_each(stopped):
    Sandbox.objects.update(disk_bytes=99 * MB)
    many = tar(*[(f"dir-{n}/empty", b"") for n in range(200)])
    with pytest.raises(QuotaReached):
        files.unpack(stopped, ".", [many])
    assert [entry.kind for entry in files.list_files(stopped)[0] if entry.kind == "file"] == []


def test_folders_count_too(stopped):
    Sandbox.objects.update(disk_bytes=100 * MB - 5 * 4096)
    with pytest.raises(QuotaReached):
        files.make_directory(stopped, "/".join("abcdefgh"))


def test_a_copy_that_does_not_fit_is_refused_and_leaves_nothing(box):
    files.write_file(box, "d/one", zeros(30))
    files.write_file(box, "d/two", zeros(30))
    with pytest.raises(QuotaReached):
        files.copy(box, "d", "e")
    assert names(box) == ["d", "d/one", "d/two"]


def test_an_archive_is_refused_at_the_limit_of_the_sandbox(box):
    for archive in (
        packed(*[(f"{n}", content(30)) for n in range(5)]),
        tar(*[(f"{n}", content(30)) for n in range(5)]),
    ):
        with pytest.raises(QuotaReached):
            files.unpack(box, ".", [archive])
    assert names(box) == []


def test_what_an_archive_replaced_before_it_was_refused_is_whole(stopped):
    files.write_file(stopped, "a", [b"old"])
    with pytest.raises(Refusal):
        files.unpack(stopped, ".", [tar(("a", b"new"), ("b", b"2"), ("c", content(80)))])
    assert names(stopped) == ["a"]
    assert files.read_file(stopped, "a") == b"new"


def test_the_total_of_the_owner_holds_for_every_sandbox(stopped, settings):
    settings.DISK_PER_USER_MB = 500
    other = make_sandbox(stopped.owner, "hoard", status="stopped", disk_bytes=480 * MB)
    files.write_file(stopped, "a", zeros(15))
    with pytest.raises(QuotaReached) as refused:
        files.write_file(stopped, "b", zeros(10))
    assert "take 495 MB of the 500 MB that you may have" in refused.value.message
    assert "the sandbox hoard takes most, 480 MB" in refused.value.hint
    with pytest.raises(QuotaReached):
        files.write_files(other, [("c", bytes(10 * MB))])
    assert names(stopped) == ["a"]


def test_others_that_write_at_the_same_time_are_seen_on_the_way(stopped, settings):
    settings.DISK_PER_USER_MB = 100
    other = make_sandbox(stopped.owner, "other", status="stopped")

    def coming() -> Iterator[bytes]:
        yield from zeros(17)
        Sandbox.objects.filter(pk=other.pk).update(disk_bytes=101 * MB)
        yield from zeros(33)

    with pytest.raises(QuotaReached):
        files.write_file(stopped, "a", coming())
    assert names(stopped) == []
    stopped.refresh_from_db()
    assert stopped.disk_bytes == 0


def test_below_the_reserve_files_are_read_and_removed_and_not_written(box, settings):
    files.write_files(box, [("a", b"1"), ("b", b"2")])
    settings.DISK_RESERVE_MB = 1 << 40
    for write in (
        lambda: files.write_files(box, [("c", b"3")]),
        lambda: files.write_file(box, "c", [b"3"]),
        lambda: files.unpack(box, ".", [tar(("c", b"3"))]),
        lambda: files.copy(box, "a", "c"),
        lambda: files.make_directory(box, "c"),
    ):
        with pytest.raises(DiskNearlyFull):
            write()
    assert files.read_file(box, "a") == b"1"
    files.move(box, "a", "d")
    files.remove(box, "b")
    assert names(box) == ["d"]


def test_a_disk_that_fills_up_on_the_way_ends_an_unpacking(stopped, monkeypatch):
    from sandboxes.host import reserve

    monkeypatch.setattr(reserve, "is_held", lambda: True)
    monkeypatch.setattr(reserve, "size", lambda: 1 << 60)
    with pytest.raises(DiskNearlyFull):
        files.unpack(stopped, ".", [tar(("a", bytes(MB)))])
    with pytest.raises(DiskNearlyFull):
        files.write_file(stopped, "a", zeros(1))
    assert names(stopped) == []


def test_what_was_written_is_known_at_once_and_counted_afterwards(stopped):
    files.write_file(stopped, "a", zeros(3))
    stopped.refresh_from_db()
    assert stopped.disk_bytes == 3 * MB
    assert stopped.disk_counted_at is None
    disk_use.count_changed()
    stopped.refresh_from_db()
    # The directories themselves count as well.
    assert stopped.disk_bytes == held(stopped) >= 3 * MB
    assert stopped.disk_counted_at is not None


@pytest.mark.sandbox
def test_a_file_system_in_memory_is_not_the_disk_whose_reserve_is_kept(running):
    files.write_file(running, "/dev/shm/f", zeros(20))
    assert files.stat(running, "/dev/shm/f").size == 20 * MB


@pytest.mark.sandbox
def test_what_a_sandbox_wrote_is_known_when_it_has_stopped(running):
    from sandboxes.services import commands, lifecycle

    commands.wait(commands.run(running, "sh", ["-c", "head -c 20M /dev/zero > f"]), 20)
    lifecycle.stop(running)

    def size() -> int:
        return Sandbox.objects.values_list("disk_bytes", flat=True).get(pk=running.pk)

    until(lambda: 20 * MB <= size() < 30 * MB, "the count of its files")
