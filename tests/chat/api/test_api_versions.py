"""Versions over the API: list, compare, download, name, restore."""

from __future__ import annotations

import asyncio
import io
import zipfile

import pytest
from django.test import Client

from chat.models import Conversation, Version
from chat.services import conversations
from chat.services.endings import end_turn
from chat.services.versioning import versions
from sandboxes.models import Sandbox
from sandboxes.services import files
from tests.fixtures.people import client_of
from tests.fixtures.rows import make_conversation, make_turn
from vibe.accounts.models import User

JSON = "application/json"


@pytest.fixture
def conversation(owner: User, sandbox: Sandbox) -> Conversation:
    """With two turns about a real sandbox."""
    found = make_conversation(owner)
    conversations.use_sandbox(found.pk, sandbox.pk)
    for text in ("one\n", "one\ntwo\n"):
        turn = make_turn(found, status="running")
        versions.save_before(turn)
        files.write_files(sandbox, [("app.py", text.encode())])
        end_turn(turn.pk, "completed")
    return found


@pytest.fixture
def client(owner: User) -> Client:
    return client_of(owner, "chat")


@pytest.fixture
def listed(client: Client, conversation: Conversation) -> list[dict]:
    answer = client.get(f"/api/v1/conversations/{conversation.pk}/versions")
    assert answer.status_code == 200
    return answer.json()["items"]


@pytest.mark.sandbox
def test_versions_are_listed_newest_first(listed, conversation) -> None:
    turns = [turn.pk for turn in conversation.turns.order_by("-created_at")]
    assert [(one["number"], one["files_changed"]) for one in listed] == [(2, 1), (1, 1)]
    assert [one["turn_id"] for one in listed] == turns
    assert listed[0]["title"] == "Build it"


@pytest.mark.sandbox
def test_what_a_version_changed_is_told_file_by_file(client, listed) -> None:
    told = client.get(f"/api/v1/versions/{listed[0]['id']}/changes").json()
    (file,) = told["files"]
    assert (file["path"], file["status"], file["added"]) == ("app.py", "changed", 1)
    assert file["patch"].endswith(" one\n+two\n")


@pytest.mark.sandbox
def test_two_versions_can_be_compared(client, listed) -> None:
    newest, first = listed
    url = f"/api/v1/versions/{first['id']}/changes?since={newest['id']}"
    assert client.get(url).json()["removed"] == 1


@pytest.mark.sandbox
def test_a_version_comes_as_a_zip(client, listed) -> None:
    answer = client.get(f"/api/v1/versions/{listed[1]['id']}/archive")
    assert answer["Content-Type"] == "application/zip"

    async def collected() -> bytes:
        return b"".join([piece async for piece in answer.streaming_content])

    archive = zipfile.ZipFile(io.BytesIO(asyncio.run(collected())))
    assert archive.read("app.py") == b"one\n"


@pytest.mark.sandbox
def test_a_restore_answers_with_the_new_version(client, listed, sandbox) -> None:
    answer = client.post(f"/api/v1/versions/{listed[1]['id']}/restore", content_type=JSON)
    assert answer.status_code == 201
    told = answer.json()
    assert (told["number"], told["reason"], told["status"]) == (3, "restore", "made")
    assert files.read_file(sandbox, "app.py") == b"one\n"


@pytest.mark.sandbox
def test_a_restore_during_a_turn_is_a_conflict(client, listed, conversation) -> None:
    make_turn(conversation, status="running")
    answer = client.post(f"/api/v1/versions/{listed[1]['id']}/restore", content_type=JSON)
    assert answer.status_code == 409


@pytest.mark.sandbox
def test_a_version_can_be_named(client, listed) -> None:
    url = f"/api/v1/versions/{listed[0]['id']}"
    client.patch(url, {"name": "works", "favourite": True}, content_type=JSON)
    told = client.get(url).json()
    assert (told["name"], told["favourite"]) == ("works", True)


@pytest.mark.sandbox
@pytest.mark.parametrize("path", ["", "/changes", "/archive"])
def test_versions_of_others_and_unknown_ones_are_not_found(listed, db, path) -> None:
    stranger = client_of(User.objects.create_user("eve"), "chat")
    for version_id in (listed[0]["id"], "ver_nothing"):
        assert stranger.get(f"/api/v1/versions/{version_id}{path}").status_code == 404
    answer = stranger.post(f"/api/v1/versions/{listed[0]['id']}/restore", content_type=JSON)
    assert answer.status_code == 404
    assert Version.objects.count() == 2
