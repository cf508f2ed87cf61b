"""Counting what a sandbox holds on the disk."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sandboxes.engine import disk
from tests.sandboxes.engine.boxes import read_until

MB = 1 << 20


def measured(directory: Path, enough: int = 1 << 40) -> int:
    return disk.measure([disk.DiskTask([directory], None, enough)])[0]


def test_it_works(tmp_path):
    (tmp_path / "deep/er").mkdir(parents=True)
    (tmp_path / "deep/er/f").write_bytes(bytes(3 * MB))
    assert 3 * MB <= measured(tmp_path) < 3 * MB + 100_000


def test_empty_files_are_not_free(tmp_path):
    for number in range(300):
        (tmp_path / str(number)).touch()
    assert measured(tmp_path) >= 300 * 4096


def test_a_file_with_holes_counts_what_it_takes(tmp_path):
    with open(tmp_path / "sparse", "wb") as file:
        file.truncate(1 << 40)
    assert measured(tmp_path) < MB


def test_a_file_with_two_names_counts_once(tmp_path):
    (tmp_path / "one").write_bytes(bytes(MB))
    os.link(tmp_path / "one", tmp_path / "two")
    assert measured(tmp_path) < 2 * MB


def test_links_are_not_followed(tmp_path):
    (tmp_path / "usr").symlink_to("/usr")
    (tmp_path / "self").symlink_to(".")
    assert measured(tmp_path) < MB


def test_it_stops_where_it_is_far_too_much(tmp_path):
    for number in range(64):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "f").write_bytes(bytes(MB))
    assert MB < measured(tmp_path, enough=MB) < 8 * MB


def test_what_is_gone_counts_nothing(tmp_path):
    assert measured(tmp_path / "none") == 0


def test_a_deleted_file_counts_while_it_is_open(isolated):
    script = "exec 3>f; head -c 5M /dev/zero >&3; rm f; echo ready; sleep 60"
    with isolated.begin("bash", "-c", script) as command:
        read_until(command.stdout, b"ready")
        task = disk.DiskTask([isolated.workspace], isolated.handle, 1 << 40)
        assert disk.measure([task])[0] >= 5 * MB


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every directory")
def test_a_directory_that_its_user_has_closed_counts(isolated):
    isolated.shell("mkdir d; head -c 5M /dev/zero > d/f; chmod 0 d")
    try:
        assert measured(isolated.workspace) >= 5 * MB
    finally:
        (isolated.workspace / "d").chmod(0o700)


def test_the_meter_runs_by_itself(tmp_path):
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(disk.METER)], input="[]", text=True, capture_output=True
    )
    assert (done.returncode, done.stdout) == (0, "[]\n")
