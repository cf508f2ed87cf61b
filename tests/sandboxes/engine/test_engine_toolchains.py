"""Programs from directories of the operator, and another root file system."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from sandboxes.engine import EngineError
from sandboxes.engine.spec import FIRST_BASE, RANGE, USER_ID, Mount
from tests.sandboxes.engine.boxes import Box

BASE = FIRST_BASE + (65_160 + os.getpid() % 40) * RANGE
LINKED = ("bin", "sbin", "lib", "lib64")
LIBRARIES = ("libc.so*", "libtinfo.so*", "libselinux.so*", "libpcre2-8.so*", "ld-*")


@pytest.fixture(params=["read-only", "own"])
def begin(request, full, start):
    """Starts a sandbox of level full, with the shared system directories or its own."""
    if request.param == "own" and not full.writable:
        pytest.skip(f"no root in sandboxes here: {full.read_only_because}")

    def begin(**options: object) -> Box:
        if request.param == "own":
            options |= {"base": BASE, "uid": BASE + USER_ID}
        return start(full, **options)

    return begin


@pytest.fixture
def tools(tmp_path) -> Path:
    program = tmp_path / "tools/bin/greet"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\necho hello from the tools\n")
    program.chmod(0o755)
    return tmp_path / "tools"


@pytest.fixture
def system(tmp_path) -> Path:
    """A root file system with a shell, four programs, and the libraries that these need."""
    root = tmp_path / "system"
    for name in ("usr/bin", "usr/sbin", "usr/lib", "usr/lib64", "etc"):
        (root / name).mkdir(parents=True)
    for name in LINKED:
        (root / name).symlink_to(f"usr/{name}")
    for program in ("sh", "bash", "cat", "ls", "id"):
        shutil.copy(f"/usr/bin/{program}", root / "usr/bin")
    for libraries in Path("/usr/lib").glob("*-linux-gnu"):
        (root / "usr/lib" / libraries.name).mkdir()
        for library in (found for name in LIBRARIES for found in libraries.glob(name)):
            shutil.copy(library, root / "usr/lib" / libraries.name)
    for loader in (*Path("/usr/lib64").glob("ld-*"), *Path("/usr/lib").glob("ld-*")):
        shutil.copy(loader, root / loader.relative_to("/"))
    (root / "etc/os-release").write_text("ID=made-for-sandboxes\n")
    (root / "usr/only-here").write_text("yes\n")
    return root


def test_programs_of_a_toolchain_are_run(begin, tools):
    box = begin(mounts=(Mount(tools, "/opt/tools", read_only=True),))
    assert box.shell("/opt/tools/bin/greet") == "hello from the tools"


def test_a_toolchain_cannot_be_changed_from_inside(begin, tools):
    box = begin(mounts=(Mount(tools, "/opt/tools", read_only=True),))
    ended, _, _ = box.run("/bin/sh", "-c", "echo x > /opt/tools/bin/greet")
    assert ended.code != 0
    assert "hello" in (tools / "bin/greet").read_text()


def test_another_root_file_system_is_seen_in_place_of_this_one(begin, system):
    box = begin(system=system)
    seen = box.shell("cat /usr/only-here; cat /etc/os-release; id -u").splitlines()
    assert seen == ["yes", "ID=made-for-sandboxes", "1000"]
    assert "python3" not in box.shell("ls /usr/bin")


def test_files_are_written_without_python_in_that_system(begin, system):
    box = begin(system=system)
    box.files.write_files([("note", b"here", None)])
    assert box.shell("cat note") == "here"


def test_a_directory_that_is_no_root_file_system_is_refused(begin, tmp_path):
    (tmp_path / "nothing").mkdir()
    with pytest.raises(EngineError):
        begin(system=tmp_path / "nothing")


def test_what_package_managers_of_the_machine_sign_in_with_is_not_to_be_read(begin, system):
    secret = system / "usr/etc/npmrc"
    secret.parent.mkdir(exist_ok=True)
    secret.write_text("//npm.example/:_authToken=canary-of-npm\n")
    plain = system / "usr/pip.conf"
    plain.write_text("[global]\nindex-url = https://pip.example/simple\n")
    box = begin(system=system)
    assert box.shell("cat /usr/etc/npmrc") == ""
    assert "canary-of-npm" not in box.shell("cat /usr/etc/* /usr/local/etc/* 2>/dev/null; true")
    assert "pip.example" in box.shell("cat /usr/pip.conf")
