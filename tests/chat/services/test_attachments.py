"""Attachments: what is taken in, under which name and as what, and when it goes."""

from __future__ import annotations

import hashlib
import os
from datetime import timedelta

import pytest
from django.utils import timezone

from chat.models import Attachment
from chat.services import conversations, stopping, turns
from chat.services.attaching import attachments, intake, stored_files, sweeping
from sandboxes.services import quotas
from tests.chat.pictures import GIF, png
from vibe.refusal import Refusal


def made(owner, content: bytes = b"text", name: str = "a.txt") -> Attachment:
    return intake.create(owner, name, [content])


def refusal(call, *args, **kwargs) -> Refusal:
    with pytest.raises(Refusal) as refused:
        call(*args, **kwargs)
    return refused.value


def there(attachment_id: str) -> bool:
    try:
        stored_files.beginning(attachment_id, 1)
    except FileNotFoundError:
        return False
    return True


def on_disk() -> set[str]:
    return set(stored_files.older_than(-60))


def test_what_was_taken_in_is_read_again(owner):
    one = intake.create(owner, "notes.txt", [b"first ", b"second"])
    assert b"".join(attachments.content(one)) == b"first second"
    assert (one.size, one.media_type, one.message_id) == (12, "text/plain", None)
    assert one.sha256 == hashlib.sha256(b"first second").hexdigest()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (png(), "image/png"),
        (GIF, "image/gif"),
        (
            b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\0" * 10 + b"\xff\xc0\x00\x11\x08\x00\x05\x00\x07",
            "image/jpeg",
        ),
        (b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x04\0\0\x02\0\0", "image/webp"),
        (b"%PDF-1.7\n%\xe2\xe3", "application/pdf"),
        (b"PK\x03\x04rest", "application/zip"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "text/plain"),
        (b"<!doctype html><script>alert(1)</script>", "text/plain"),
        ("gr\u00fc\u00dfe;1\n".encode(), "text/plain"),
        ("gr\u00fc\u00dfe;1\n".encode("cp1252"), "text/plain"),
        ("gr\u00fc\u00dfe".encode("utf-16"), "text/plain"),
        (b"", "text/plain"),
        (b"text, then\0NUL", "application/octet-stream"),
        # Only the first bytes are a picture's.
        (b"GIF89a", "application/octet-stream"),
        (b"\x89PNG\r\n\x1a\n<script>alert(1)</script>", "application/octet-stream"),
        (b"GIF89a\0\0\0\0=1;alert(1)", "application/octet-stream"),
    ],
)
def test_the_media_type_is_what_the_content_is(owner, content, kind):
    assert made(owner, content, name="x.html").media_type == kind


def test_a_pictures_size_is_known(owner):
    one = made(owner, png(40, 30), "x.png")
    assert (one.width, one.height, one.is_picture) == (40, 30, True)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\sales.csv", "sales.csv"),
        ("a\0b.txt", "a_b.txt"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("zero\u200bwidth.txt", "zerowidth.txt"),
        ("two\nlines.txt", "two lines.txt"),
        ("-rf", "rf"),
        (".bashrc", "bashrc"),
        ("..", "file.txt"),
        ("/", "file.txt"),
        ("", "file.txt"),
        ("half \ud83d.txt", "half _.txt"),
        ("\u65e5\u672c\u8a9e.csv", "\u65e5\u672c\u8a9e.csv"),
        ("o'clock; rm -rf $HOME.txt", "o'clock; rm -rf $HOME.txt"),
    ],
)
def test_names_are_made_safe(owner, given, name):
    assert made(owner, name=given).name == name


@pytest.mark.parametrize("letter", ["n", "\u00fc", "\U0001f600"])
def test_a_long_name_is_cut_and_keeps_its_ending(owner, letter):
    name = made(owner, name=letter * 255 + ".csv").name
    assert name.endswith(letter + ".csv")
    assert len(os.fsencode(name)) <= 200


def test_what_is_too_large_leaves_nothing(owner, settings):
    settings.ATTACHMENT_MB = 1
    before = on_disk()
    blocks = (b"x" * 65_536 for _ in range(17))
    assert refusal(intake.create, owner, "big", blocks).code == "too_large"
    assert not Attachment.objects.exists()
    assert on_disk() == before


def test_what_is_announced_as_too_large_is_not_read(owner, settings):
    settings.ATTACHMENT_MB = 1

    def never():
        raise AssertionError("read")
        yield b""

    assert refusal(intake.create, owner, "big", never(), size=2 << 20).code == "too_large"


def test_a_broken_upload_leaves_nothing(owner):
    def broken():
        yield b"half"
        raise ConnectionError

    before = on_disk()
    with pytest.raises(ConnectionError):
        intake.create(owner, "x", broken())
    assert not Attachment.objects.exists()
    assert on_disk() == before


def test_the_number_of_attachments_is_bounded(owner, settings):
    settings.ATTACHMENTS_PER_USER = 1
    made(owner)
    assert refusal(made, owner).code == "limit"


def test_attachments_count_towards_the_disk_space(owner, settings):
    settings.DISK_PER_USER_MB = 1
    made(owner, b"x" * 600_000)
    assert quotas.use_of(owner.pk).disk == 600_000
    assert refusal(made, owner, b"x" * 600_000).code == "limit"


def test_a_message_takes_its_attachments(conversation, owner):
    one, two = made(owner, name="1.txt"), made(owner, name="2.txt")
    turn = turns.start_turn(conversation, "Look", attached=[two.pk, one.pk])
    sent = attachments.of_turn(turn)
    assert [each.name for each in sent] == ["2.txt", "1.txt"]
    assert {each.conversation_id for each in sent} == {conversation.pk}


def test_a_message_may_be_attachments_alone(conversation, owner):
    turn = turns.start_turn(conversation, " ", attached=[made(owner, name="plan.txt").pk])
    assert not turn.messages.get(role="user").parts.exists()
    conversation.refresh_from_db()
    assert conversation.title == "plan.txt"


def test_a_turn_that_is_tried_again_has_the_attachments_of_the_first(conversation, owner):
    turn = turns.start_turn(conversation, "Look", attached=[made(owner).pk])
    stopping.stop_turn(turn)
    again = turns.retry_turn(turn)
    assert [one.name for one in attachments.of_turn(again)] == ["a.txt"]


def test_an_attachment_is_sent_once(conversation, owner):
    one = made(owner)
    stopping.stop_turn(turns.start_turn(conversation, "Look", attached=[one.pk]))
    assert refusal(turns.start_turn, conversation, "More", attached=[one.pk]).code == "conflict"
    assert refusal(attachments.remove, one).code == "conflict"
    assert conversation.turns.count() == 1


def test_somebody_elses_attachment_is_not_found(conversation, django_user_model):
    one = made(django_user_model.objects.create_user("bob"))
    assert refusal(turns.start_turn, conversation, "Look", attached=[one.pk]).code == "not_found"
    assert not conversation.messages.exists()


def test_a_message_has_so_many_attachments_at_most(conversation, owner, settings):
    settings.ATTACHMENTS_PER_MESSAGE = 1
    ids = [made(owner).pk, made(owner).pk]
    assert refusal(turns.start_turn, conversation, "Look", attached=ids).code == "limit"


def test_what_was_not_sent_for_a_day_is_forgotten(conversation, owner):
    old, young, sent = made(owner), made(owner), made(owner)
    turns.start_turn(conversation, "Look", attached=[sent.pk])
    Attachment.objects.exclude(pk=young.pk).update(created_at=timezone.now() - timedelta(hours=25))
    yesterday = (timezone.now() - timedelta(hours=25)).timestamp()
    for one in (old, sent):
        os.utime(stored_files.path_of(one.pk), (yesterday, yesterday))

    sweeping.forget_unsent()

    assert set(Attachment.objects.all()) == {young, sent}
    assert [there(one.pk) for one in (old, young, sent)] == [False, True, True]


def test_files_go_with_their_conversation(conversation, owner, django_capture_on_commit_callbacks):
    one = made(owner)
    stopping.stop_turn(turns.start_turn(conversation, "Look", attached=[one.pk]))
    with django_capture_on_commit_callbacks(execute=True):
        conversations.delete(conversation)
    assert not there(one.pk)
    assert quotas.use_of(owner.pk).disk == 0
