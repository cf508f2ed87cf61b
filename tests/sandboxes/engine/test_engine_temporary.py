"""/tmp of a sandbox with a file system of its own lies on the disk, with its other files."""

from __future__ import annotations

import os
import stat

import pytest

from sandboxes.engine import EngineError, StoppedFiles, directories
from tests.sandboxes.engine.boxes import Box

KINDS = (
    "cd /tmp; echo kept > f; mkdir -m 700 d; echo in > d/f; ln -s f l; mkfifo p; "
    "python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"s\")'; truncate -s 400M huge"
)


def again(box: Box) -> Box:
    box.engine.kill(box.handle)
    box.handle = box.engine.start(box.spec)
    box.agent = box.engine.agent(box.handle)
    return box


def test_what_lies_in_it_is_there_when_the_sandbox_starts_again(isolated):
    isolated.shell(KINDS)
    before = isolated.shell("cd /tmp; find . -printf '%P %y %m %s %u\\n' | sort")
    assert len(before.splitlines()) == 8
    assert again(isolated).shell("cd /tmp; find . -printf '%P %y %m %s %u\\n' | sort") == before
    assert isolated.shell("cat /tmp/f /tmp/d/f") == "kept\nin"


def test_it_is_open_to_everybody_and_each_keeps_what_is_his(rooted):
    box = rooted()
    assert box.shell("stat -c '%a %U' /tmp") == "1777 root"
    box.shell("echo of root > /tmp/f", sudo=True)
    assert "Operation not permitted" in box.run("rm", "-f", "/tmp/f")[2]
    assert again(box).shell("stat -c %U /tmp/f; cat /tmp/f") == "root\nof root"


def test_it_is_open_to_everybody_without_root_too(isolated):
    assert isolated.shell("stat -c %a /tmp; echo here > /tmp/f; cat /var/tmp/f") == "1777\nhere"


def test_it_takes_more_than_memory_has(full, start):
    box = start(full)
    box.shell("head -c 300M /dev/zero > /tmp/f")
    assert box.shell("stat -c %s /tmp/f") == str(300 << 20)


def test_its_mode_is_set_right_whatever_the_sandbox_made_of_it(isolated):
    isolated.shell("chmod 700 /tmp || true")
    path = isolated.spec.root / directories.TEMPORARY
    path.chmod(0o700)
    again(isolated)
    assert stat.S_IMODE(path.stat().st_mode) == 0o1777


def test_a_sandbox_from_before_gets_one(isolated):
    isolated.engine.kill(isolated.handle)
    os.rmdir(isolated.spec.root / directories.TEMPORARY)
    assert again(isolated).shell("echo here > /tmp/f; cat /tmp/f") == "here"


def test_a_link_in_its_place_is_refused(isolated):
    isolated.engine.kill(isolated.handle)
    path = isolated.spec.root / directories.TEMPORARY
    path.rmdir()
    path.symlink_to("/etc")
    with pytest.raises(EngineError):
        isolated.engine.start(isolated.spec)


def test_its_files_are_reached_when_the_sandbox_does_not_run(isolated):
    isolated.shell("mkdir /tmp/d; echo kept > /tmp/d/f; ln -s /etc/passwd /tmp/out")
    isolated.engine.kill(isolated.handle)
    files = StoppedFiles(isolated.spec.root, isolated.spec.limits)
    assert files.read_file("/tmp/d/f", 100) == b"kept\n"
    assert [entry.path for entry in files.list_files("/tmp/d")[0]] == ["/tmp/d/f"]
    files.write_files([("/tmp/new", b"x", None)])
    assert (isolated.spec.root / "tmp/new").read_bytes() == b"x"
    with pytest.raises(EngineError):
        files.read_file("/tmp/out", 100)
