"""Drives outlive sandboxes: one writes, others see a copy of what was there when they started."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.fixtures.platform import Platform
from tests.sandboxes.vercel.conftest import Program

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]
DRIVES = "/v2/sandboxes/drives"


@pytest.fixture
def drive(program: Program) -> Iterator[str]:
    name = f"drive-{uuid.uuid4().hex[:8]}"
    answer = program("POST", f"{DRIVES}/{name}", {"projectId": "prj_a"})
    assert answer.status == 201, answer.body
    yield name
    for one in program("GET", f"{DRIVES}?namePrefix={name}").json["drives"]:
        if holder := one.get("currentSandboxName"):
            program("DELETE", f"/v2/sandboxes/{holder}")
        program("DELETE", f"{DRIVES}/{one['name']}")


def mounting(program: Program, drive: str, mode: str = "read-write", path: str = "/data") -> Any:
    return program.create(mounts={path: {"drive": drive, "mode": mode}}, persistent=False)


def out(program: Program, box: dict[str, Any], line: str) -> tuple[int, str]:
    """(exit code, output) of a shell line."""
    records = program.run(box["session"]["id"], "sh", "-c", f"{line} 2>&1").records
    text = "".join(one["data"] for one in records if "stream" in one)
    return records[-1]["command"]["exitCode"], text


def drop(program: Program, box: dict[str, Any]) -> None:
    assert program("DELETE", f"/v2/sandboxes/{box['sandbox']['name']}").status == 200


def test_a_drive_is_made_once_and_told_the_same_afterwards(program: Program, drive: str) -> None:
    again = program("POST", f"{DRIVES}/{drive}", {"projectId": "prj_a"})
    found = program("GET", f"{DRIVES}/{drive}").json["drive"]
    assert again.status == 200 and again.json["drive"] == found
    assert found["maxSizeBytes"] > 0 and found["projectId"] == "prj_a"
    assert program("GET", f"{DRIVES}/{found['id']}").json["drive"]["name"] == drive
    listed = program("GET", f"{DRIVES}?namePrefix={drive}").json
    assert [one["name"] for one in listed["drives"]] == [drive]
    assert listed["pagination"] == {"count": 1, "next": None}


def test_what_one_sandbox_writes_another_finds_with_its_owner_and_mode(
    program: Program, drive: str
) -> None:
    first = mounting(program, drive)
    assert first["sandbox"]["mounts"] == {"/data": {"drive": drive, "mode": "read-write"}}
    script = (
        "echo kept > /data/file; mkdir /data/sub; printf x > /data/sub/run; chmod 755 /data/sub/run"
    )
    assert out(program, first, script) == (0, "")
    drop(program, first)
    second = mounting(program, drive, path="/vercel/sandbox/store")
    seen = "cd store; cat file; stat -c '%U %a %n' file sub/run; echo more >> file && cat file"
    user = out(program, second, "id -un")[1].strip()
    assert out(program, second, seen) == (
        0, f"kept\n{user} 644 file\n{user} 755 sub/run\nkept\nmore\n",
    )  # fmt: skip
    drop(program, second)


def test_only_one_sandbox_at_a_time_writes_to_a_drive(program: Program, drive: str) -> None:
    box = mounting(program, drive)
    held = program("GET", f"{DRIVES}/{drive}").json["drive"]
    assert held["currentSessionId"] == box["session"]["id"]
    assert held["currentSandboxName"] == box["sandbox"]["name"]
    refused = program("POST", "/v3/sandboxes", {"mounts": {"/data": {"drive": drive}}})
    assert (refused.status, refused.code) == (409, "conflict")
    assert (program("DELETE", f"{DRIVES}/{drive}").status) == 409
    drop(program, box)
    assert "currentSessionId" not in program("GET", f"{DRIVES}/{drive}").json["drive"]


def test_a_snapshot_of_a_drive_is_what_it_was_at_the_start_and_cannot_be_written(
    program: Program, drive: str
) -> None:
    writer = mounting(program, drive)
    out(program, writer, "echo before > /data/file")
    reader = mounting(program, drive, "snapshot", "/seen")
    out(program, writer, "echo after > /data/file")
    assert out(program, reader, "cat /seen/file") == (0, "before\n")
    code, text = out(program, reader, "echo mine > /seen/file")
    assert code != 0 and "Read-only file system" in text
    if os.geteuid() == 0:  # root of the sandbox may not either
        code, _ = out(program, reader, "sudo sh -c 'echo mine > /seen/file'")
        assert code != 0
    drop(program, reader)
    drop(program, writer)


def test_a_copy_of_a_drive_goes_its_own_way(program: Program, drive: str) -> None:
    box = mounting(program, drive)
    out(program, box, "echo one > /data/file")
    drop(program, box)
    answer = program("POST", f"{DRIVES}/{drive}/fork", {"name": f"{drive}-copy"})
    assert answer.status == 200, answer.body
    parent = program("GET", f"{DRIVES}/{drive}").json["drive"]["id"]
    assert answer.json["drive"]["parentDriveId"] == answer.json["drive"]["rootDriveId"] == parent
    copy = mounting(program, f"{drive}-copy")
    assert out(program, copy, "echo two >> /data/file; cat /data/file") == (0, "one\ntwo\n")
    original = mounting(program, drive, "snapshot")
    assert out(program, original, "cat /data/file") == (0, "one\n")
    drop(program, copy)
    drop(program, original)
    taken = program("POST", f"{DRIVES}/{drive}/fork", {"name": drive})
    assert (taken.status, taken.code) == (409, "conflict")


def test_mounts_change_with_the_next_session(program: Program, drive: str) -> None:
    box = program.create()
    name = box["sandbox"]["name"]
    mounts = {"/data": {"drive": drive, "mode": "read-write"}}
    changed = program("PATCH", f"/v2/sandboxes/{name}", {"mounts": mounts})
    assert changed.json["sandbox"]["mounts"] == mounts
    assert out(program, box, "test -e /data")[0] == 1
    program("POST", f"/v2/sandboxes/sessions/{box['session']['id']}/stop")
    resumed = program("GET", f"/v2/sandboxes/{name}?resume=true").json
    assert out(program, resumed, "touch /data/here && ls /data") == (0, "here\n")
    dropped = program("PATCH", f"/v2/sandboxes/{name}", {"mounts": {}})
    assert "mounts" not in dropped.json["sandbox"]
    drop(program, box)


def test_a_deleted_drive_is_gone_with_its_files(
    platform: Platform, program: Program, drive: str
) -> None:
    box = mounting(program, drive)
    out(program, box, "echo x > /data/file")
    drop(program, box)
    found = program("GET", f"{DRIVES}/{drive}").json["drive"]["id"]
    assert program("DELETE", f"{DRIVES}/{drive}").json["drive"]["id"] == found
    assert program("GET", f"{DRIVES}/{drive}").status == 404
    fresh = program("POST", f"{DRIVES}/{drive}", {})
    assert fresh.status == 201 and fresh.json["drive"]["id"] != found
    box = mounting(program, drive)
    assert out(program, box, "ls /data") == (0, "")
    drop(program, box)
    assert not (platform.data_dir / "drives" / found).exists()


def test_another_user_sees_no_drive_and_cannot_mount_one(
    program: Program, stranger: Program, drive: str
) -> None:
    assert stranger("GET", f"{DRIVES}/{drive}").status == 404
    assert stranger("DELETE", f"{DRIVES}/{drive}").status == 404
    assert stranger("GET", DRIVES).json["drives"] == []
    body = {"mounts": {"/data": {"drive": drive, "mode": "snapshot"}}}
    assert stranger("POST", "/v3/sandboxes", body).status == 404


@pytest.mark.parametrize("path", ["/etc", "/", "/usr/x", "data", "/a/../b", "/proc/x", "/vercel"])
def test_a_drive_is_not_mounted_over_the_system(program: Program, drive: str, path: str) -> None:
    answer = program("POST", "/v3/sandboxes", {"mounts": {path: {"drive": drive}}})
    assert (answer.status, answer.code) == (400, "bad_request")


def test_a_link_in_the_workspace_does_not_lead_a_mount_elsewhere(
    program: Program, drive: str
) -> None:
    box = program.create()
    name = box["sandbox"]["name"]
    out(program, box, "ln -s /tmp store")
    program("POST", f"/v2/sandboxes/sessions/{box['session']['id']}/stop")
    mounts = {"/vercel/sandbox/store": {"drive": drive}}
    assert program("PATCH", f"/v2/sandboxes/{name}", {"mounts": mounts}).status == 200
    answer = program("GET", f"/v2/sandboxes/{name}?resume=true")
    assert answer.status == 400 and "store is no directory" in answer.json["error"]["message"]
    drop(program, box)


def test_who_writes_more_than_a_drive_holds_is_ended(program: Program, drive: str) -> None:
    small = f"{drive}-small"
    made = program("POST", f"{DRIVES}/{small}", {"maxSizeBytes": 4_000_000})
    assert made.json["drive"]["maxSizeBytes"] == 4_000_000
    box = mounting(program, small)
    code, _ = out(program, box, "head -c 9000000 /dev/zero > /data/a; sleep 60")
    assert code == 137
    drop(program, box)
