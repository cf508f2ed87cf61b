"""Uploads over the API: raw and as a form, exact codes, and what comes back."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chat.models import Attachment, Conversation
from chat.services.attaching import intake
from tests.chat.pictures import png
from tests.fixtures.people import client_of
from tests.fixtures.rows import make_conversation
from tests.fixtures.streamed import content_of
from vibe.accounts.models import User

RAW = "application/octet-stream"
JSON = "application/json"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"


@pytest.fixture
def conversation(alice: User) -> Conversation:
    return make_conversation(alice)


@pytest.fixture
def url(conversation: Conversation) -> str:
    return f"/api/v1/conversations/{conversation.id}/attachments"


def made(owner: User, content: bytes = b"text", name: str = "a.txt") -> Attachment:
    return intake.create(owner, name, [content])


def test_a_raw_body_is_the_file(as_alice: Client, url: str) -> None:
    response = as_alice.post(f"{url}?name=sales.csv", b"a,b\n1,2\n", content_type=RAW)
    assert response.status_code == 201
    said = response.json()
    assert (said["name"], said["media_type"], said["size"]) == ("sales.csv", "text/plain", 8)
    assert said["message_id"] is None
    assert as_alice.get(f"/api/v1/attachments/{said['id']}").json() == said


def test_a_form_brings_its_file_and_its_name(as_alice: Client, url: str) -> None:
    file = SimpleUploadedFile("../shot.exe", png(3, 4), content_type="text/html")
    response = as_alice.post(url, {"file": file})
    assert response.status_code == 201
    said = response.json()
    assert (said["name"], said["media_type"]) == ("shot.exe", "image/png")
    assert (said["width"], said["height"]) == (3, 4)


def test_a_form_without_a_file_or_with_two_is_refused(as_alice: Client, url: str) -> None:
    two = [SimpleUploadedFile(name, b"x") for name in ("1", "2")]
    assert as_alice.post(url, {"other": "x"}).status_code == 400
    assert as_alice.post(url, {"file": two}).status_code == 400
    assert not Attachment.objects.exists()


def test_a_file_for_a_conversation_that_is_yet_to_begin(as_alice: Client) -> None:
    response = as_alice.post("/api/v1/attachments?name=x.txt", b"x", content_type=RAW)
    assert response.status_code == 201


def test_too_large_is_413_before_it_is_read(as_alice: Client, url: str, settings) -> None:
    settings.ATTACHMENT_MB = 1
    big = b"x" * ((1 << 20) + 1)
    assert as_alice.post(url, big, content_type=RAW).status_code == 413
    file = SimpleUploadedFile("big", b"x" * (2 << 20))
    response = as_alice.post(url, {"file": file})
    assert response.status_code == 413
    assert "at most 1 MB" in response.json()["error"]["message"]


def test_a_reached_quota_is_429(as_alice: Client, url: str, settings) -> None:
    settings.ATTACHMENTS_PER_USER = 1
    assert as_alice.post(url, b"x", content_type=RAW).status_code == 201
    assert as_alice.post(url, b"x", content_type=RAW).status_code == 429


def test_a_name_of_thousands_of_letters_is_refused(as_alice: Client, url: str) -> None:
    response = as_alice.post(f"{url}?name={'n' * 2000}", b"x", content_type=RAW)
    assert response.status_code == 422


def test_a_name_with_nul_is_made_safe(as_alice: Client, url: str) -> None:
    response = as_alice.post(f"{url}?name=a%00%E2%80%AEgpj.exe", b"x", content_type=RAW)
    assert response.json()["name"] == "a_gpj.exe"


def test_a_message_is_sent_with_attachments(
    as_alice: Client, alice: User, conversation: Conversation
) -> None:
    one = made(alice)
    response = as_alice.post(
        f"/api/v1/conversations/{conversation.id}/turns",
        {"attachments": [one.pk]},
        content_type=JSON,
    )
    assert response.status_code == 202
    read = as_alice.get(f"/api/v1/conversations/{conversation.id}").json()
    assert [each["id"] for each in read["messages"][0]["attachments"]] == [one.pk]
    assert read["messages"][1]["attachments"] == []


def test_a_message_with_nothing_at_all_is_refused(as_alice: Client, url: str) -> None:
    turns = url.replace("attachments", "turns")
    for body in ({}, {"message": ""}, {"message": "", "attachments": []}):
        assert as_alice.post(turns, body, content_type=JSON).status_code == 422


@pytest.mark.parametrize("id", ["att_unknown", "", "../x", "\u202e"])
def test_an_unknown_attachment_is_not_found(as_alice: Client, url: str, id: str) -> None:
    body = {"message": "Look", "attachments": [id]}
    response = as_alice.post(url.replace("attachments", "turns"), body, content_type=JSON)
    assert response.status_code == 404


def test_a_sent_attachment_is_neither_sent_again_nor_removed(
    as_alice: Client, alice: User, conversation: Conversation
) -> None:
    one = made(alice)
    turns = f"/api/v1/conversations/{conversation.id}/turns"
    body = {"message": "Look", "attachments": [one.pk]}
    turn = as_alice.post(turns, body, content_type=JSON).json()["id"]
    as_alice.post(f"/api/v1/turns/{turn}/stop")
    assert as_alice.post(turns, body, content_type=JSON).status_code == 409
    assert as_alice.delete(f"/api/v1/attachments/{one.pk}").status_code == 409


def test_one_that_is_not_sent_can_be_taken_back(as_alice: Client, alice: User) -> None:
    one = made(alice)
    assert as_alice.delete(f"/api/v1/attachments/{one.pk}").status_code == 204
    assert as_alice.get(f"/api/v1/attachments/{one.pk}").status_code == 404


def test_a_picture_is_shown_where_nothing_in_it_can_run(as_alice: Client, alice: User) -> None:
    one = made(alice, png(), "shot.png")
    answer = as_alice.get(f"/api/v1/attachments/{one.pk}/content")
    assert content_of(answer) == png()
    assert answer["Content-Type"] == "image/png"
    assert answer["Content-Disposition"] == "inline; filename*=UTF-8''shot.png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("sandbox;")
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize(
    "content", [SVG, b"<!doctype html><script>alert(1)</script>", b"%PDF-1.4", b"GIF89a"]
)
@pytest.mark.parametrize("name", ["x.png", 'x";inline.html', "x.svg"])
def test_everything_else_is_saved_and_never_shown(
    as_alice: Client, alice: User, content: bytes, name: str
) -> None:
    one = made(alice, content, name)
    answer = as_alice.get(f"/api/v1/attachments/{one.pk}/content")
    assert content_of(answer) == content
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment; filename*=UTF-8''x")
    assert '"' not in answer["Content-Disposition"]
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_bob_gets_404_from_all(as_bob: Client, bob: User, alice: User, url: str) -> None:
    one = made(alice)
    mine = make_conversation(bob)
    assert as_bob.post(url, b"x", content_type=RAW).status_code == 404
    for path in (f"/api/v1/attachments/{one.pk}", f"/api/v1/attachments/{one.pk}/content"):
        assert as_bob.get(path).status_code == 404
    assert as_bob.delete(f"/api/v1/attachments/{one.pk}").status_code == 404
    body = {"message": "Look", "attachments": [one.pk]}
    turns = f"/api/v1/conversations/{mine.id}/turns"
    assert as_bob.post(turns, body, content_type=JSON).status_code == 404
    assert Attachment.objects.get().message_id is None


def test_a_key_without_the_scope_may_not(alice: User, url: str) -> None:
    program = client_of(alice, "read")
    assert program.post(url, b"x", content_type=RAW).status_code == 403
