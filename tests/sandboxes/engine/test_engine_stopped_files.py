"""The host's process for the files of stopped sandboxes never leaves their directories."""

from __future__ import annotations

import os

import pytest

from sandboxes.engine import FileError, StoppedFiles
from tests.fixtures.waiting import until
from tests.sandboxes.engine.boxes import Box


@pytest.fixture
def box(isolated: Box) -> Box:
    isolated.files = StoppedFiles(isolated.spec.root, isolated.spec.limits)
    (isolated.spec.root / "secret").write_text("of the host")
    (isolated.spec.root / "secret").chmod(0o666)
    return isolated


def code(action, *arguments, **options) -> str:
    with pytest.raises(FileError) as raised:
        action(*arguments, **options)
    return raised.value.code


WAYS_OUT = ["../secret", "d/../../secret", "/etc/passwd", "/proc/self/root/etc/passwd", "/", ".."]


@pytest.mark.parametrize("path", WAYS_OUT)
def test_paths_that_lead_out_are_denied(box, path):
    box.shell("mkdir d")
    for action in (box.files.stat, box.files.list_files):
        assert code(action, path) in ("denied", "not_a_directory")
    assert code(box.files.read_file, path, 1000) == "denied"
    assert code(box.files.remove, path, recursive=True) == "denied"
    if path != "/":
        assert code(box.files.write_files, [(path, b"x", None)]) == "denied"
    assert code(box.files.copy, path, "here") == "denied"
    assert (box.spec.root / "secret").read_text() == "of the host"


@pytest.mark.parametrize(
    "target", [*WAYS_OUT, "/proc/self/cwd", "/proc/self/fd/5", "//etc//passwd"]
)
def test_links_that_lead_out_are_denied(box, target):
    box.shell(f"mkdir d; ln -s {target} l; ln -s l two")
    for path in ("l", "l/x", "two", "two/x"):
        assert code(box.files.read_file, path, 1000) == "denied"
        assert code(box.files.write_files, [(path, b"x", None)]) == "denied"
        assert code(box.files.make_directory, f"{path}/new") == "denied"
    assert code(box.files.set_mode, "l", 0o777) == "denied"
    assert code(box.files.move, "d", "l/d") == "denied"
    box.files.remove("l")
    assert (box.spec.root / "secret").read_text() == "of the host"


def test_a_link_that_leads_out_is_copied_and_packed_as_a_link(box):
    box.shell("mkdir d; ln -s ../../secret d/l")
    box.files.copy("d", "e")
    assert box.shell("readlink e/l") == "../../secret"
    with box.files.pack(".", "tar") as reading:
        assert b"of the host" not in b"".join(reading)


def test_a_search_does_not_follow_links(box):
    box.shell("ln -s .. up; ln -s ../secret s")
    assert box.files.search("host") == ([], False, 0)


def test_a_loop_of_links_is_refused(box):
    box.shell("ln -s b a; ln -s a b")
    assert code(box.files.read_file, "a", 10) == "invalid_path"


def test_a_workspace_that_became_a_link_is_not_served(box):
    os.rename(box.workspace, box.spec.root / "moved")
    os.symlink("/etc", box.workspace)
    from sandboxes.engine import EngineError

    with pytest.raises(EngineError):
        box.files.list_files()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make it act for another user")
def test_the_process_may_do_no_more_than_the_user_of_the_sandbox(box):
    foreign = box.workspace / "foreign"
    foreign.write_text("root's own")
    foreign.chmod(0o600)
    assert code(box.files.read_file, "foreign", 100) == "denied"
    box.files.write_files([("mine", b"", None)])
    assert (box.workspace / "mine").stat().st_uid == box.spec.uid


def test_no_process_stays_behind(box):
    box.files.write_files([("f", b"x" * 1_000_000, None)])
    with box.files.open_file("f") as reading:
        next(iter(reading))
    until(lambda: _children() == 0)


def _children() -> int:
    count = 0
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/cmdline", "rb") as file:
                    count += b"agent.outside" in file.read() and _parent(name) == os.getpid()
            except OSError:
                continue
    return count


def _parent(pid: str) -> int:
    with open(f"/proc/{pid}/stat") as file:
        return int(file.read().rpartition(")")[2].split()[1])
