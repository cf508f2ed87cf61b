"""Copies of trees: identical in everything, whatever the tree holds."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import struct
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandboxes.engine import trees
from sandboxes.engine.trees.copying import MAX_DEPTH
from sandboxes.engine.trees.ids import CAPABILITY, Shift
from sandboxes.engine.trees.process import CopyFailed, Pair, Progress, copy_trees
from sandboxes.engine.trees.removing import remove_tree
from tests.sandboxes.engine.trees.described import describe

pytestmark = pytest.mark.slow
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to others")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.mkdir()
    return path


def copied(source: Path, shift: Shift | None = None) -> Path:
    target = source.parent / "target"
    copy_trees([Pair(source, target)], shift=shift)
    return target


NAMES = st.binary(min_size=1, max_size=12).filter(
    lambda name: b"/" not in name and b"\0" not in name and name not in (b".", b"..")
)
MODES = st.integers(0, 0o7777)
TIMES = st.integers(0, 4_000_000_000_000_000_000)
KINDS = st.sampled_from(["file", "file", "sparse", "dir", "dir", "link", "hard", "fifo", "white"])
ENTRIES = st.lists(
    st.tuples(KINDS, NAMES, st.integers(0, 99), MODES, TIMES, st.binary(max_size=300)),
    max_size=25,
)


def plant(root: bytes, entries: list[tuple[str, bytes, int, int, int, bytes]]) -> None:
    """Make a tree as the list says; what does not fit (a name used twice) is left out."""
    directories, files, made = [root], [], []
    for kind, name, where, mode, time, content in entries:
        path = os.path.join(directories[where % len(directories)], name)
        if os.path.lexists(path):
            continue
        match kind:
            case "dir":
                os.mkdir(path)
                directories.append(path)
            case "link":
                os.symlink(content.replace(b"\0", b"/") or b"nowhere", path)
            case "hard" if files:
                os.link(files[where % len(files)], path, follow_symlinks=False)
                continue
            case "fifo":
                os.mkfifo(path)
            case "white":
                os.mknod(path, stat.S_IFCHR | 0o600, 0)
            case _:
                with open(path, "wb") as file:
                    if kind == "sparse":
                        file.seek(100_000)
                        file.truncate(300_000)
                    file.write(content)
                os.setxattr(path, "user.note", content[:20])
                files.append(path)
        made.append((path, kind, mode, time))
    for path, kind, mode, time in reversed(made):
        if kind != "link":
            # As root every mode can be read again; an owner needs the right to describe it.
            os.chmod(path, mode if os.geteuid() == 0 else mode | 0o700)
        os.utime(path, ns=(time, time), follow_symlinks=False)


@given(entries=ENTRIES)
@settings(max_examples=25, deadline=None)
def test_a_copy_has_all_bytes_and_all_metadata(entries):
    with tempfile.TemporaryDirectory(prefix="vibe-") as directory:
        source = Path(directory, "source")
        source.mkdir()
        plant(os.fsencode(source), entries)
        before = describe(source)
        assert describe(copied(source)) == before
        assert describe(source) == before
        remove_tree(source)


def test_a_link_to_elsewhere_is_copied_and_not_followed(source, tmp_path):
    (tmp_path / "secret").write_text("canary")
    (source / "link").symlink_to(tmp_path / "secret")
    (source / "directory").symlink_to(tmp_path)
    target = copied(source)
    assert os.readlink(target / "link") == str(tmp_path / "secret")
    assert (target / "directory").is_symlink()


def test_a_socket_stays_a_socket(source):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(source / "s"))
    assert stat.S_ISSOCK((copied(source) / "s").lstat().st_mode)


def test_a_hole_takes_no_space_in_the_copy(source):
    with open(source / "image", "wb") as file:
        file.truncate(1 << 40)
        file.seek(1 << 39)
        file.write(b"in the middle")
    image = copied(source) / "image"
    assert image.stat().st_size == 1 << 40
    assert image.stat().st_blocks * 512 < 1 << 20
    with open(image, "rb") as file:
        file.seek(1 << 39)
        assert file.read(13) == b"in the middle"


@root_only
def test_a_device_is_left_out(source):
    os.mknod(source / "disk", stat.S_IFBLK | 0o666, os.makedev(7, 0))
    assert list(copied(source).iterdir()) == []


@root_only
def test_owners_move_with_the_range_of_ids(source):
    for uid in (0, 300_000, 300_999, 400_000):
        (source / str(uid)).touch()
        os.chown(source / str(uid), uid, uid)
    target = copied(source, Shift(first=300_000, to=500_000, count=1000))
    owners = {path.name: path.stat().st_uid for path in target.iterdir()}
    assert owners == {"0": 0, "300000": 500_000, "300999": 500_999, "400000": 400_000}


@root_only
def test_a_file_capability_moves_to_the_new_root_user(source):
    program = source / "ping"
    program.touch()
    value = struct.pack("<IIIIII", 0x03000001, 1 << 13, 0, 0, 0, 300_000)
    os.setxattr(program, CAPABILITY, value)
    target = copied(source, Shift(first=300_000, to=500_000, count=65_536))
    assert os.getxattr(target / "ping", CAPABILITY)[-4:] == struct.pack("<I", 500_000)


def test_an_access_list_names_the_moved_user():
    entries = [(1, 7, 2**32 - 1), (2, 6, 300_005), (4, 5, 2**32 - 1)]
    value = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)
    moved = Shift(300_000, 500_000, 1000).attribute("system.posix_acl_access", value)
    assert list(struct.iter_unpack("<HHI", moved[4:])) == [
        (1, 7, 2**32 - 1), (2, 6, 500_005), (4, 5, 2**32 - 1),
    ]  # fmt: skip


def test_scratch_of_an_overlay_is_left_out_and_a_directory_of_that_name_is_not(source):
    for name in ("usr/upper/work", "usr/work/work"):
        (source / name).mkdir(parents=True)
        (source / name / "file").touch()
    layers, plain = source.parent / "layers", source.parent / "plain"
    copy_trees([Pair(source, layers, layers=True), Pair(source, plain)])
    assert (layers / "usr/upper/work/file").exists()
    assert list((layers / "usr/work").iterdir()) == []
    assert (plain / "usr/work/work/file").exists()


def nest(top: Path, levels: int) -> None:
    """Directories in directories, deeper than any path can name."""
    here = os.open(top, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)


def test_a_tree_without_end_is_refused_and_can_be_removed(source):
    nest(source, MAX_DEPTH + 10)
    with pytest.raises(CopyFailed, match="levels deep"):
        copied(source)
    remove_tree(source)
    remove_tree(source.parent / "target")
    assert list(source.parent.iterdir()) == []


def test_removing_does_not_follow_links_or_mind_rights(source, tmp_path):
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").touch()
    (source / "closed" / "deep").mkdir(parents=True)
    (source / "closed" / "deep" / "file").touch()
    (source / "link").symlink_to(tmp_path / "kept")
    (source / "closed").chmod(0)
    remove_tree(source)
    assert not source.exists()
    assert (tmp_path / "kept" / "file").exists()


def test_a_copy_that_nobody_wants_is_broken_off(source):
    (source / "file").touch()
    for number in range(60_000):  # one after the other, however many processes there are
        os.link(source / "file", source / str(number))
    asked: list[Progress] = []

    def wanted(progress: Progress) -> bool:
        asked.append(progress)
        return progress.entries == 0

    with pytest.raises(CopyFailed) as failure:
        copy_trees([Pair(source, source.parent / "target")], wanted=wanted)
    assert failure.value.code == "cancelled"
    assert 0 < asked[-1].entries < 60_000


def test_what_several_processes_copy_is_whole(source):
    for number in range(40):
        directory = source / f"packages/p{number}/lib"
        directory.mkdir(parents=True)
        for file in range(90):
            (directory / f"{file}.js").write_bytes(os.urandom(number * 50))
        os.link(directory / "0.js", directory.parent / "first.js")
        (directory / "closed.js").touch(mode=0o400)
        (directory / "link.js").symlink_to("0.js")
        os.mkfifo(directory / "pipe")
        os.utime(directory, (number, number))
    (source / "holes").write_bytes(b"")
    os.truncate(source / "holes", 8 << 20)
    target = source.parent / "target"
    progress = copy_trees([Pair(source, target)])
    assert describe(target) == describe(source)
    assert progress.entries == sum(len(found) for _, *kinds in os.walk(source) for found in kinds)


def test_a_copy_leaves_the_space_free_that_was_asked_for(source):
    (source / "file").touch()
    with pytest.raises(CopyFailed) as failure:
        copy_trees([Pair(source, source.parent / "target")], reserve=1 << 60)
    assert failure.value.code == "no_space"


ORDINARY = """
import os, stat, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from trees.copying import TreeCopy
from trees.crew import Crew
from trees.entries import EntryCopy
from trees.removing import remove_tree
source, target = Path(sys.argv[2], "source"), Path(sys.argv[2], "target")
(source / "closed" / "deep").mkdir(parents=True)
target.mkdir()
(source / "closed" / "deep" / "file").write_text("content")
(source / "secret").write_text("content")
closed = {"secret": 0, "closed/deep/file": 0o200, "closed/deep": 0, "closed": 0o100}
for name, mode in closed.items():
    os.chmod(source / name, mode)
ends = [os.open(path, os.O_RDONLY) for path in (source, target)]
entries = EntryCopy(None, lambda size: None)
TreeCopy(entries, Crew(0, entries, entries.tally)).copy(*ends)
for name, mode in reversed(closed.items()):
    for top in (source, target):
        path = top / name
        assert stat.S_IMODE(path.lstat().st_mode) == mode, (path, oct(path.lstat().st_mode))
        path.chmod(0o700)
assert (target / "closed/deep/file").read_text() == "content"
for name, mode in closed.items():
    os.chmod(target / name, mode)
for top in (source, target):
    remove_tree(top)
assert os.listdir(sys.argv[2]) == []
"""


@pytest.mark.skipif(not Path("/usr/bin/python3").exists(), reason="needs /usr/bin/python3")
def test_an_ordinary_user_copies_and_removes_what_it_has_closed_to_itself(top):
    package, work = top / "package", top / "work"
    shutil.copytree(Path(trees.__file__).parent, package / "trees")
    for path in (package, *package.rglob("*")):
        path.chmod(0o755)
    work.mkdir(mode=0o755)
    user = {}
    if os.geteuid() == 0:
        os.chown(work, 65_534, 65_534)
        user = {"user": 65_534, "group": 65_534, "extra_groups": []}
    done = subprocess.run(
        ["/usr/bin/python3", "-I", "-S", "-B", "-c", ORDINARY, str(package), str(work)],
        capture_output=True,
        text=True,
        timeout=60,
        **user,
    )
    assert done.returncode == 0, done.stderr
