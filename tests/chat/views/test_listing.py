"""The list of conversations, the archive, search, and what one can do with each."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chat.models import Check, Conversation
from sandboxes.models import PagePicture, PageVisit
from tests.fixtures.rows import make_conversation, make_sandbox, make_turn
from vibe.accounts.models import User


@pytest.fixture
def talk(alice: User) -> Conversation:
    found = make_conversation(alice)
    make_turn(found, answer="The needle is <b>here</b>.")
    return found


def body(page: Client, address: str, **headers: str) -> str:
    answer = page.get(address, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_search_without_scripts_is_a_whole_page_with_marks(page: Client, talk) -> None:
    text = body(page, "/conversations/?q=needle")
    assert "<title>needle – Conversations – Vibe</title>" in text
    assert "The <mark>needle</mark> is &lt;b&gt;here&lt;/b&gt;." in text
    assert f"/c/{talk.pk}/?all#{talk.messages.last().pk}" in text


def test_in_the_list_a_search_is_the_list(page: Client, talk) -> None:
    text = body(page, "/conversations/?q=needle", **{"HX-Request": "true"})
    assert "<html" not in text
    assert "<mark>needle</mark>" in text


def test_nothing_found_says_what_was_looked_through(page: Client, talk) -> None:
    assert "Nothing is found for “&lt;i&gt;”" in body(page, "/conversations/?q=<i>")


def test_a_row_shows_the_app_as_the_last_check_saw_it_once_it_comes_into_view(
    page: Client, talk, alice: User
) -> None:
    box, turn = make_sandbox(alice), talk.turns.get()
    assert "row-thumb" not in body(page, "/conversations/")
    for _ in range(2):
        visit = PageVisit.objects.create(sandbox=box, node="n", port=3000, seconds=1)
        PagePicture.objects.create(visit=visit, name="page-small", data=b"jpeg")
        last = Check.objects.create(turn=turn, status="checked", visit=visit)
    Check.objects.create(turn=turn, status="unchecked")  # has no picture
    text = body(page, "/conversations/")
    assert text.count("row-thumb") == 1
    assert f'src="/checks/{last.pk}/small.jpg"' in text
    assert 'loading="lazy"' in text
    assert page.get(f"/checks/{last.pk}/small.jpg").content == b"jpeg"


def test_a_picture_of_somebody_elses_app_is_not_there(other: Client, talk, alice: User) -> None:
    visit = PageVisit.objects.create(sandbox=make_sandbox(alice), node="n", port=3000, seconds=1)
    PagePicture.objects.create(visit=visit, name="page-small", data=b"jpeg")
    made = Check.objects.create(turn=talk.turns.get(), status="checked", visit=visit)
    assert other.get(f"/checks/{made.pk}/small.jpg").status_code == 404


@pytest.mark.parametrize("nonsense", ["-1", "x", "9" * 50, "²"])
def test_a_place_in_the_list_that_is_none_is_its_begin(page: Client, talk, nonsense) -> None:
    assert "A todo app" in body(page, f"/conversations/?from={nonsense}")


def test_the_list_goes_on_on_a_page_of_its_own(page: Client, alice: User, monkeypatch) -> None:
    monkeypatch.setattr("chat.rendering.workbench.LISTED", 2)
    for number in range(3):
        made = make_conversation(alice)
        Conversation.objects.filter(pk=made.pk).update(title=f"number {number}")
    assert "?from=2" in body(page, "/new/")
    assert "number 0" in body(page, "/conversations/?from=2")


@pytest.mark.parametrize(
    ("status", "word"), [("running", "working"), ("waiting", "waits for you"), ("failed", "failed")]
)
def test_the_list_says_how_each_stands(page: Client, alice: User, status, word) -> None:
    make_turn(make_conversation(alice), status=status)
    assert word in body(page, "/conversations/")


def test_an_archived_conversation_has_a_page_to_come_back_from(page: Client, talk) -> None:
    answer = page.post(f"/c/{talk.pk}/archive/", follow=True)
    assert f'action="/c/{talk.pk}/unarchive/"' in answer.content.decode()  # Undo
    assert "A todo app" not in body(page, "/conversations/")
    assert "A todo app" in body(page, "/archive/")
    page.post(f"/c/{talk.pk}/unarchive/")
    assert "A todo app" in body(page, "/conversations/")
    assert "Nothing is archived" in body(page, "/archive/")


def test_a_hostile_title_is_words_in_the_notice_of_its_archiving(page: Client, talk) -> None:
    Conversation.objects.filter(pk=talk.pk).update(title="<script>x")
    text = page.post(f"/c/{talk.pk}/archive/", follow=True).content.decode()
    assert "&lt;script&gt;x” is archived" in text
    assert "<script>x" not in text


def test_options_are_a_page_and_a_menu(page: Client, talk) -> None:
    whole = body(page, f"/c/{talk.pk}/options/")
    menu = body(page, f"/c/{talk.pk}/options/", **{"HX-Request": "true"})
    assert "<html" in whole
    assert "<html" not in menu
    for what in ("rename", "fork", "export", "archive", "delete"):
        assert f"/c/{talk.pk}/{what}/" in whole
        assert f"/c/{talk.pk}/{what}/" in menu


def test_another_conversation_renamed_leaves_the_title_of_this_page(page, alice, talk) -> None:
    here = make_conversation(alice)
    answer = page.post(
        f"/c/{talk.pk}/rename/",
        {"title": "Other"},
        headers={"HX-Request": "true", "Referer": f"http://testserver/c/{here.pk}/"},
    ).content.decode()
    assert f'hx-target="#item-{talk.pk}"' in answer
    assert 'hx-target="#title"' not in answer


@pytest.mark.parametrize("what", ["options", "export"])
def test_nothing_of_this_is_for_others(other: Client, talk, what) -> None:
    assert other.get(f"/c/{talk.pk}/{what}/").status_code == 404
    assert other.post(f"/c/{talk.pk}/unarchive/").status_code == 404


def test_a_file_that_is_none_says_so_on_the_page(page: Client) -> None:
    given = SimpleUploadedFile("x.json", b"{}")
    answer = page.post("/conversations/import/", {"file": given})
    assert answer.status_code == 400
    assert "not an exported conversation" in answer.content.decode()
    assert page.post("/conversations/import/").status_code == 400


def test_a_file_becomes_a_conversation(page: Client) -> None:
    text = b'{"format": "vibe.conversation", "version": 1, "title": "Came in", "turns": []}'
    answer = page.post("/conversations/import/", {"file": SimpleUploadedFile("x.json", text)})
    made = Conversation.objects.get(title="Came in")
    assert answer.url == f"/c/{made.pk}/"
    assert "Imported" in body(page, answer.url)
