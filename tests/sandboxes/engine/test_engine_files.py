"""File operations: through the agent at each level, and on the host as when it is stopped."""

from __future__ import annotations

import os
import socket
import time

import pytest

from sandboxes.engine import FileError, StoppedFiles, levels
from tests.sandboxes.engine.boxes import Box


@pytest.fixture(params=["full", "none", "stopped"])
def box(request: pytest.FixtureRequest, start) -> Box:
    """A sandbox whose `files` go each of the ways. For "stopped" it runs all the same, so that
    commands can make and look at what the host's process meets."""
    if request.param == "none":
        return start(levels.of_level("none"))
    box = start(request.getfixturevalue("full"))
    if request.param == "stopped":
        box.files = StoppedFiles(box.spec.root, box.spec.limits)
    return box


def code(action, *arguments, **options) -> str:
    """The code of the FileError that the action must raise."""
    with pytest.raises(FileError) as raised:
        action(*arguments, **options)
    assert str(raised.value)
    return raised.value.code


def paths(box, *arguments, **options) -> list[str]:
    return [entry.path for entry in box.files.list_files(*arguments, **options)[0]]


def test_what_is_written_is_read_back(box):
    content = bytes(range(256)) * 1000
    box.files.write_files([("a.bin", content, 0o644)])
    assert box.files.read_file("a.bin", 1 << 20) == content


def test_many_files_are_written_in_one_call(box):
    box.files.write_files([(f"dir{n % 7}/f{n}.txt", str(n).encode(), 0o644) for n in range(200)])
    assert len(box.shell("find . -type f").splitlines()) == 200
    assert box.files.read_file("dir3/f10.txt", 100) == b"10"


def test_written_files_and_their_parents_belong_to_the_user_of_the_sandbox(box):
    box.files.write_files([("new/deep/file", b"", 0o644)])
    assert box.shell("find new -user $(id -u) | wc -l") == "3"


def test_the_mode_is_set_when_given(box):
    box.files.write_files([("run.sh", b"#!/bin/sh\necho ran\n", 0o755)])
    assert box.shell("./run.sh") == "ran"


def test_the_mode_of_an_existing_file_is_kept_when_none_is_given(box):
    box.files.write_files([("run.sh", b"", 0o750), ("plain", b"", None)])
    box.files.write_files([("run.sh", b"new", None)])
    assert box.shell("stat -c %a run.sh plain") == "750\n644"


def test_setuid_bits_are_never_written(box):
    box.files.write_files([("tool", b"", 0o4755)])
    assert box.shell("stat -c %a tool") == "755"


def test_a_file_is_replaced_whole_and_leaves_no_temporary_file(box):
    box.files.write_files([("f", b"long old content", 0o644)])
    box.files.write_files([("f", b"new", 0o644)])
    assert box.files.read_file("f", 100) == b"new"
    assert paths(box) == ["f"]


def test_a_large_file_goes_both_ways(box):
    content = os.urandom(20 << 20)
    box.files.write_files([("large", content, 0o644)])
    assert box.files.read_file("large", 32 << 20) == content


def test_a_file_beyond_the_cap_is_not_read(box):
    box.files.write_files([("f", b"12345", 0o644)])
    assert code(box.files.read_file, "f", 4) == "too_large"
    assert box.files.read_file("f", 5) == b"12345"


def test_a_sparse_file_of_a_terabyte_is_refused_at_once(box):
    box.shell("truncate -s 400M sparse")
    began = time.monotonic()
    assert code(box.files.read_file, "sparse", 1 << 20) == "too_large"
    assert time.monotonic() - began < 5


def test_a_special_file_without_a_size_is_capped_too(isolated):
    assert code(isolated.files.read_file, "/proc/kallsyms", 1000) in ("too_large", "denied")


def test_missing_files_and_directories_have_their_codes(box):
    box.files.make_directory("d/e")
    assert code(box.files.read_file, "none", 10) == "not_found"
    assert code(box.files.read_file, "d", 10) == "is_directory"
    assert code(box.files.write_files, [("d", b"", 0o644)]) == "is_directory"
    assert code(box.files.list_files, "none") == "not_found"
    assert code(box.files.remove, "d") == "not_empty"
    assert code(box.files.remove, "none") == "not_found"


def test_a_file_in_the_place_of_a_directory_has_its_code(box):
    box.files.write_files([("f", b"", 0o644)])
    assert code(box.files.write_files, [("f/g", b"", 0o644)]) in ("not_a_directory", "exists")
    assert code(box.files.list_files, "f") == "not_a_directory"


@pytest.mark.parametrize("path", ["a\0b", "x" * 300, "y/" * 3000])
def test_impossible_paths_are_refused(box, path):
    assert code(box.files.read_file, path, 10) in ("invalid_path", "not_found")
    assert code(box.files.write_files, [(path, b"", 0o644)]) == "invalid_path"


def test_a_path_too_long_for_any_message_is_refused(box):
    assert code(box.files.read_file, "x" * 100_000, 10) == "invalid_path"


def test_a_protected_file_is_denied(isolated):
    isolated.shell("echo secret > f; chmod 000 f")
    assert code(isolated.files.read_file, "f", 100) == "denied"
    assert code(isolated.files.write_files, [("/usr/f", b"", 0o644)]) == "denied"


def test_paths_that_climb_stay_inside_the_sandbox(isolated):
    inside = isolated.files.read_file("../../../../etc/passwd", 10_000)
    assert inside == isolated.files.read_file("/etc/passwd", 10_000)
    assert b"vercel-sandbox" in inside


def test_a_link_to_a_file_of_the_host_resolves_inside(isolated):
    isolated.shell("ln -s /etc/shadow link; ln -s /proc/1/root/etc/passwd link2")
    assert code(isolated.files.read_file, "link", 100) == "not_found"
    assert code(isolated.files.read_file, "link2", 10_000) == "denied"


def test_without_isolation_paths_outside_are_denied(start):
    box = start(levels.of_level("none"))
    box.shell("ln -s /etc/passwd link")
    assert code(box.files.read_file, "/etc/passwd", 10_000) == "denied"
    assert code(box.files.read_file, "../../../etc/passwd", 10_000) == "denied"
    assert code(box.files.read_file, "link", 10_000) == "denied"
    assert code(box.files.write_files, [("link", b"", 0o644)]) == "denied"


def test_the_public_name_of_the_workspace_works_in_paths(box):
    box.files.write_files([("/vercel/sandbox/x/y", b"1", 0o644)])
    assert box.files.read_file("x/y", 10) == b"1"
    assert paths(box, "/vercel/sandbox/x") == ["x/y"]


def test_a_link_that_is_written_to_stays_a_link(box):
    box.shell("mkdir real; echo old > real/f; ln -s real/f link")
    box.files.write_files([("link", b"new", 0o644)])
    assert box.shell("readlink link; cat real/f") == "real/f\nnew"


def test_a_fifo_does_not_hang_anything(box):
    box.shell("mkfifo pipe")
    began = time.monotonic()
    assert code(box.files.read_file, "pipe", 10) == "not_regular"
    assert paths(box) == ["pipe"]
    assert time.monotonic() - began < 5
    assert box.run("true")[0].code == 0


def test_a_device_is_not_read(isolated):
    assert code(isolated.files.read_file, "/dev/zero", 10) == "not_regular"


def test_a_listing_gives_parents_first_by_name(box):
    box.shell("mkdir -p b/c; touch a b/c/d z; ln -s a l")
    entries, truncated = box.files.list_files()
    assert [(entry.path, entry.kind) for entry in entries] == [
        ("a", "file"),
        ("b", "dir"),
        ("b/c", "dir"),
        ("b/c/d", "file"),
        ("l", "link"),
        ("z", "file"),
    ]
    assert truncated is False


def test_an_entry_tells_size_time_and_mode(box):
    box.shell("printf 12345 > f; chmod 640 f; touch -d @1700000000.5 f")
    entry = box.files.list_files()[0][0]
    assert (entry.size, entry.mtime, entry.mode) == (5, 1700000000.5, 0o640)


def test_a_listing_stops_at_its_depth(box):
    box.shell("mkdir -p a/b/c")
    assert paths(box, depth=1) == ["a"]
    assert paths(box, depth=2) == ["a", "a/b"]


def test_excluded_directories_are_shown_but_not_entered(box):
    box.shell("mkdir -p node_modules/x src; touch src/f")
    assert paths(box, exclude=("node_modules",)) == ["node_modules", "src", "src/f"]


def test_a_listing_says_when_it_was_cut_short(box):
    box.shell("for i in $(seq 30); do : > f$i; done")
    entries, truncated = box.files.list_files(limit=10)
    assert (len(entries), truncated) == (10, True)
    assert box.files.list_files(limit=30)[1] is False


def test_a_hundred_thousand_files_are_listed_up_to_the_limit(isolated):
    isolated.shell("mkdir d; cd d; seq 20000 | xargs touch")
    entries, truncated = isolated.files.list_files(limit=5000)
    assert (len(entries), truncated) == (5000, True)


def test_links_to_directories_are_not_followed(box):
    box.shell("mkdir d; ln -s .. d/up; ln -s . loop")
    assert paths(box) == ["d", "d/up", "loop"]


def test_names_that_are_no_utf8_are_shown_escaped(box):
    box.shell(r"touch $'bad\377name' 'ümlaut'")
    assert sorted(paths(box)) == ["bad\\xffname", "ümlaut"]


def test_names_with_newlines_and_controls_are_kept(box):
    box.files.write_files([("a\nb\x1b[1m", b"x", 0o644)])
    assert paths(box) == ["a\nb\x1b[1m"]


def test_removing_a_link_leaves_what_it_points_to(box):
    box.shell("mkdir d; touch d/f; ln -s d l; ln -s gone dangling")
    box.files.remove("l", recursive=True)
    box.files.remove("dangling")
    assert paths(box) == ["d", "d/f"]


def test_a_tree_is_removed_recursively(box):
    box.shell("mkdir -p d/e; touch d/e/f")
    box.files.remove("d", recursive=True)
    assert paths(box) == []


@pytest.mark.parametrize("path", [".", "/vercel/sandbox", "a/.."])
def test_the_workspace_itself_is_not_removed(box, path):
    box.shell("mkdir a")
    assert code(box.files.remove, path, recursive=True) == "denied"


def test_moving_makes_parents_and_never_overwrites(box):
    box.shell("echo 1 > a; echo 2 > b")
    box.files.move("a", "new/dir/a")
    assert box.files.read_file("new/dir/a", 10) == b"1\n"
    assert code(box.files.move, "b", "new/dir/a") == "exists"
    assert code(box.files.move, "gone", "x") == "not_found"


def test_a_file_may_be_moved_out_of_memory(isolated):
    isolated.shell("echo 1 > /tmp/f")
    isolated.files.move("/tmp/f", "f")
    assert isolated.files.read_file("f", 10) == b"1\n"


def test_a_file_larger_than_the_limit_is_refused_and_leaves_nothing(engine, start):
    from sandboxes.engine import Limits

    box = start(engine, limits=Limits(file_bytes=100_000))
    assert code(box.files.write_files, [("f", b"x" * 200_000, 0o644)]) == "too_large"
    assert paths(box) == []


def test_an_operation_has_a_deadline(box):
    """A stream that never ends on the host's side is given up by the agent."""
    from sandboxes.engine import calls

    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            request = {"op": "files", "timeout": 0.2}
            calls.ask(box.agent.path, request, fds=[theirs.fileno()])
        ours.settimeout(10)
        assert ours.recv(100) == b""
    assert box.run("true")[0].code == 0


@pytest.mark.parametrize("wrong", [".", "/", "dir", "link", "dir/.."])
def test_of_several_files_none_is_written_when_one_has_no_place(box, wrong):
    box.shell("mkdir -p dir; ln -s dir link")
    with pytest.raises(FileError) as raised:
        box.files.write_files([("a/first", b"1", None), (wrong, b"lost", None)])
    assert raised.value.code in ("is_directory", "denied")
    assert not (box.workspace / "a").exists()
