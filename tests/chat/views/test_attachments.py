"""Attachments on the pages: sent with a form, shown in the message, given out safely."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chat.models import Attachment, Conversation
from chat.services import turns
from chat.services.attaching import intake
from tests.chat.pictures import png
from tests.fixtures.rows import make_conversation
from tests.fixtures.streamed import content_of
from vibe.accounts.models import User

HTMX = {"headers": {"hx-request": "true"}}
HOSTILE = '"><img src=x onerror=alert(1)>.txt'


def made(owner: User, content: bytes = b"text", name: str = "a.txt") -> Attachment:
    return intake.create(owner, name, [content])


def test_a_message_takes_the_chips_along(page: Client, alice: User) -> None:
    conversation, one = make_conversation(alice), made(alice, png(), "shot.png")
    body = page.post(
        f"/c/{conversation.pk}/send/", {"message": "Look", "attachment": one.pk}, **HTMX
    ).content.decode()
    assert f'<img src="/attachments/{one.pk}/" alt="shot.png"' in body


def test_without_scripts_files_come_with_the_form(page: Client, alice: User) -> None:
    files = [SimpleUploadedFile("1.txt", b"one"), SimpleUploadedFile("2.png", png())]
    response = page.post("/new/send/", {"message": "Look", "model": "demo", "file": files})
    conversation = Conversation.objects.get()
    assert response.url == f"/c/{conversation.pk}/"
    assert [one.name for one in conversation.attachments.all()] == ["1.txt", "2.png"]


def test_the_page_of_a_new_conversation_has_a_field_for_files(page: Client) -> None:
    body = page.get("/new/").content.decode()
    assert 'enctype="multipart/form-data"' in body
    assert 'type="file" id="attach-files" name="file" multiple' in body


def test_a_message_that_is_refused_leaves_no_conversation(page: Client, other: Client, bob: User):
    page.post("/new/send/", {"message": "Look", "attachment": made(bob).pk})
    assert not Conversation.objects.exists()


def test_somebody_elses_attachment_is_not_sent(page: Client, alice: User, bob: User) -> None:
    conversation, one = make_conversation(alice), made(bob)
    response = page.post(f"/c/{conversation.pk}/send/", {"message": "x", "attachment": one.pk})
    assert response.status_code == 404
    assert not conversation.messages.exists()


def test_an_id_that_no_database_takes_is_not_found(page: Client, alice: User) -> None:
    conversation = make_conversation(alice)
    body = {"message": "Look", "attachment": "att_\0"}
    assert page.post(f"/c/{conversation.pk}/send/", body).status_code == 404


@pytest.mark.parametrize("where", ["new", "old"])
def test_a_text_that_is_too_long_becomes_an_attachment_whole(
    page: Client, alice: User, where: str
) -> None:
    text = "word\r\n" * 30_000
    address = "/new/send/" if where == "new" else f"/c/{make_conversation(alice).pk}/send/"
    page.post(address, {"message": text, "model": "demo"})
    one = Attachment.objects.get()
    assert (one.name, one.size) == ("Pasted text.txt", len("word\n" * 30_000))
    assert one.message is not None


def test_the_field_cuts_nothing(page: Client) -> None:
    assert "maxlength" not in page.get("/new/").content.decode().split("<textarea")[1][:200]


def test_a_hostile_name_is_never_markup(page: Client, alice: User) -> None:
    conversation = make_conversation(alice)
    turns.start_turn(conversation, "Look", attached=[made(alice, name=HOSTILE).pk])
    body = page.get(f"/c/{conversation.pk}/").content.decode()
    assert "<img src=x" not in body
    assert "&lt;img src=x onerror=alert(1)&gt;.txt" in body


def test_what_is_no_picture_is_offered_to_be_saved(page: Client, alice: User) -> None:
    conversation = make_conversation(alice)
    one = made(alice, b"<svg xmlns='http://www.w3.org/2000/svg'/>", "x.svg")
    turns.start_turn(conversation, "Look", attached=[one.pk])
    body = page.get(f"/c/{conversation.pk}/").content.decode()
    assert f'href="/attachments/{one.pk}/" download' in body
    assert f'<img src="/attachments/{one.pk}/"' not in body


def test_a_picture_opens_full_where_nothing_can_run(page: Client, alice: User) -> None:
    answer = page.get(f"/attachments/{made(alice, png(), 'shot.png').pk}/")
    assert (answer["Content-Type"], content_of(answer)) == ("image/png", png())
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]


def test_nobody_reads_somebody_elses_attachment(other: Client, alice: User) -> None:
    assert other.get(f"/attachments/{made(alice).pk}/").status_code == 404


def test_a_stranger_is_sent_to_sign_in(alice: User) -> None:
    answer = Client().get(f"/attachments/{made(alice).pk}/")
    assert answer.url.startswith("/sign-in/")
