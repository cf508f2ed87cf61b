"""Drives in the admin: what is shown of them, and giving them up."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from sandboxes.models import Drive, Sandbox
from tests.fixtures.rows import make_sandbox
from vibe.accounts.models import User

DRIVES = "/admin/sandboxes/drive/"


@pytest.fixture
def root(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    return client


def make_drive(owner: User, name: str = "data") -> Drive:
    return Drive.objects.create(owner=owner, name=name, max_size_bytes=5 << 20)


def mounting(drive: Drive, name: str, mode: str) -> Sandbox:
    """Rows of a running sandbox that has the drive at /data."""
    wanted = {"/data": {"id": drive.pk, "drive": drive.name, "mode": mode}}
    sandbox = make_sandbox(drive.owner, name, mounts=wanted)
    if mode == "read-write":
        drive.session = sandbox.session
        drive.save()
    return sandbox


def delete(client: Client, *drives: Drive) -> str:
    body = {"action": "delete", "_selected_action": [drive.pk for drive in drives]}
    return client.post(DRIVES, body, follow=True).content.decode()


def test_the_list_says_which_sandbox_writes_to_a_drive_and_where(root: Client, alice: User) -> None:
    mounting(make_drive(alice), "todo", "read-write")
    page = root.get(DRIVES).content.decode()
    assert "todo at /data" in page and "alice" in page and "5.0" in page


def test_a_drive_links_to_every_sandbox_that_mounts_it(root: Client, alice: User) -> None:
    drive = make_drive(alice)
    writer, reader = mounting(drive, "w", "read-write"), mounting(drive, "r", "snapshot")
    stranger = mounting(make_drive(alice, "other"), "stranger", "read-write")
    page = root.get(f"{DRIVES}{drive.pk}/change/").content.decode()
    assert f"/admin/sandboxes/sandbox/{writer.pk}/change/" in page
    assert f"/admin/sandboxes/sandbox/{reader.pk}/change/" in page
    assert stranger.pk not in page
    assert "snapshot (running)" in page


def test_deleting_a_drive_works(root: Client, alice: User) -> None:
    drive = make_drive(alice)
    page = delete(root, drive)
    drive.refresh_from_db()
    assert drive.deleted_at is not None
    assert "Deleted 1 drive." in page


def test_a_drive_that_is_written_to_is_kept_and_the_reason_told(root: Client, alice: User) -> None:
    drive, free = make_drive(alice), make_drive(alice, "free")
    mounting(drive, "todo", "read-write")
    page = delete(root, drive, free)
    drive.refresh_from_db()
    assert drive.deleted_at is None
    assert "The drive data is in use." in page and "Deleted 1 drive." in page


def test_staff_that_may_only_look_cannot_delete(alice: User) -> None:
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_drive"))
    client = Client()
    client.force_login(clerk)
    drive = make_drive(alice)
    assert client.get(DRIVES).status_code == 200
    delete(client, drive)
    drive.refresh_from_db()
    assert drive.deleted_at is None
