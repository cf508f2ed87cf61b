"""The workbench page as the server renders it."""

from __future__ import annotations

import re

from django.conf import settings
from django.test import Client

from chat.models import Message, Part, Turn
from chat.services.offered_models import language_models
from tests.fixtures.models import make_provider
from tests.fixtures.rows import (
    long_conversation,
    make_command,
    make_conversation,
    make_sandbox,
    make_turn,
)
from vibe.accounts.models import User


def test_the_way_in_is_the_last_conversation(page: Client, alice: User) -> None:
    conversation = make_conversation(alice)
    assert page.get("/").url == f"/c/{conversation.pk}/"


def test_without_a_conversation_the_way_in_is_a_new_one(page: Client) -> None:
    assert page.get("/").url == "/new/"


def test_a_new_conversation_offers_starters_and_leaves_no_row(page: Client, alice: User) -> None:
    body = page.get("/new/").content.decode()
    assert "Build a to-do app in Python" in body
    assert not alice.conversations.exists()


def test_a_stranger_is_sent_to_sign_in(db: None) -> None:
    assert Client().get("/new/").url.startswith("/sign-in/")


def test_another_users_conversation_does_not_exist(other: Client, alice: User) -> None:
    assert other.get(f"/c/{make_conversation(alice).pk}/").status_code == 404


def test_messages_are_readable_without_scripts(page: Client, alice: User) -> None:
    conversation = make_conversation(alice)
    make_turn(conversation, answer="It is *ready*.")
    body = page.get(f"/c/{conversation.pk}/").content.decode()
    assert "Build it" in body
    assert "It is <em>ready</em>." in body


def test_each_message_says_who_speaks_and_by_which_model(page: Client, alice: User) -> None:
    conversation = make_conversation(alice)
    own = make_provider(None, "https://models.test/v1")
    entered = language_models.add(own, "m-7-2026", label="Seven")
    for model in ("openai:gpt-5", "demo", entered.shown_id):
        turn = make_turn(conversation)
        Turn.objects.filter(pk=turn.pk).update(model=model)

    body = page.get(f"/c/{conversation.pk}/").content.decode()

    heads = re.findall(
        r"<article.*?<h2>(\w+)</h2>\s*(?:<span class=\"muted\" title=\"\S+\">(.+?)</span>)?",
        body,
        re.S,
    )
    assert heads == [
        (who, label)
        for words in ("gpt-5", "Demo model", "Seven")
        for who, label in (("You", ""), ("Vibe", words))
    ]


def test_a_page_opened_anew_has_chat_commands_output_files_and_preview(
    page: Client, alice: User
) -> None:
    sandbox = make_sandbox(alice)
    conversation = make_conversation(alice, sandbox=sandbox)
    answer = make_turn(conversation).messages.get(role="assistant")
    command = make_command(sandbox)
    Part.objects.create(
        message=answer, position=1, kind="tool_call", tool="run_command", state="background",
        command=command,
    )  # fmt: skip

    body = page.get(f"/c/{conversation.pk}/").content.decode()

    assert "Build it" in body and "Running in background" in body
    assert f'<li id="row-{command.pk}"' in body
    assert f'data-command="{command.pk}"' in body
    assert f'hx-get="/sandboxes/{sandbox.pk}/files/"' in body
    assert re.search(rf'id="preview-bar"[^>]* data-sandbox="{sandbox.pk}"', body)


def test_what_a_person_writes_is_never_markup(page: Client, alice: User) -> None:
    conversation = make_conversation(alice)
    turn = make_turn(conversation)
    Part.objects.filter(message__turn=turn, message__role="user").update(text="<script>x</script>")
    assert "<script>x" not in page.get(f"/c/{conversation.pk}/").content.decode()


def test_the_page_listens_from_where_its_rows_end(page: Client, alice: User) -> None:
    conversation = make_conversation(alice)
    turn = make_turn(conversation, status="running")
    Turn.objects.filter(pk=turn.pk).update(cursor=17)
    body = page.get(f"/c/{conversation.pk}/").content.decode()
    assert f'data-cursor="{turn.pk}:17:running"' in body


def test_while_a_turn_runs_stop_is_in_the_place_of_send(page: Client, alice: User) -> None:
    conversation = make_conversation(alice)
    make_turn(conversation, status="running")
    body = page.get(f"/c/{conversation.pk}/").content.decode()
    assert f'formaction="/c/{conversation.pk}/stop/"' in body
    assert "button primary send" not in body


def test_the_demo_model_is_labelled(page: Client, alice: User) -> None:
    assert "scripted, no AI" in page.get(f"/c/{make_conversation(alice).pk}/").content.decode()


def test_sizes_theme_and_tab_are_rendered_by_the_server(page: Client, alice: User) -> None:
    alice.preferences = {"theme": "dark", "tab": "code", "panes": {"chat": 44.5}}
    alice.save()
    body = page.get("/new/").content.decode()
    assert 'data-theme="dark"' in body
    assert 'data-tab="code"' in body
    assert "--pane-chat: 44.50%" in body


def test_how_the_page_stands_is_in_its_attributes(page: Client, alice: User) -> None:
    body = page.get("/new/").content.decode()
    assert re.search(r'<main class="workbench"[^>]* data-alone', body)
    assert re.search(r'<section class="chat"[^>]* data-empty', body)
    conversation = make_conversation(alice, sandbox=make_sandbox(alice))
    make_turn(conversation, status="running")
    body = page.get(f"/c/{conversation.pk}/").content.decode()
    assert '<div class="chat-foot" data-busy>' in body
    assert not re.search(r'<main class="workbench"[^>]* data-alone', body)
    assert not re.search(r'<section class="chat"[^>]* data-empty', body)


def test_no_sheet_makes_browsers_look_through_the_thread_at_each_change() -> None:
    """As a `:has()` at what holds all messages does: 80 ms a change of one with 2,000 parts."""
    whole = re.compile(r"\.(?:workbench|chat|thread|message)[^\s{,>]*:has\(")
    sheets = (settings.BASE_DIR / "static/css").glob("*.css")
    assert [sheet.name for sheet in sheets if whole.search(sheet.read_text())] == []


def test_no_inline_script_or_style_attribute_is_in_the_page(page: Client, alice: User) -> None:
    conversation = make_conversation(alice, sandbox=make_sandbox(alice))
    make_turn(conversation)
    body = page.get(f"/c/{conversation.pk}/").content.decode()
    assert " style=" not in body
    assert " onclick=" not in body
    assert body.count("<script") == body.count("<script src") + body.count(
        "<script defer src"
    ) + body.count('<script type="module" src')


def test_the_number_of_queries_does_not_grow_with_the_conversation(
    page: Client, alice: User, django_assert_max_num_queries: object
) -> None:
    sandbox = make_sandbox(alice)
    conversation = make_conversation(alice, sandbox=sandbox)
    for _ in range(12):
        turn = make_turn(conversation)
        message = Message.objects.get(turn=turn, role="assistant")
        for position in range(1, 5):
            Part.objects.create(
                message=message, position=position, kind="tool_call", tool="run_command",
                state="done", command=make_command(sandbox),
            )  # fmt: skip
    with django_assert_max_num_queries(25):
        page.get(f"/c/{conversation.pk}/")


def test_of_a_long_conversation_the_latest_requests_are_shown(page: Client, alice: User) -> None:
    conversation = make_conversation(alice)
    for number in range(17):
        make_turn(conversation, answer=f"Answer {number}.")
    body = page.get(f"/c/{conversation.pk}/").content.decode()
    assert "Show earlier: 2 requests" in body
    assert "Answer 16." in body
    assert "Answer 1." not in body
    before = re.findall(rf"/c/{conversation.pk}/(\?before=\w+)", body)[0]
    earlier = page.get(f"/c/{conversation.pk}/{before}").content.decode()
    assert "Answer 1." in earlier and "Answer 2." not in earlier
    assert "Back to the latest" in earlier
    piece = page.get(f"/c/{conversation.pk}/earlier/{before}").content.decode()
    assert "Answer 1." in piece and "<html" not in piece and "Show earlier" not in piece


def test_earlier_messages_are_their_owners_alone(other: Client, alice: User) -> None:
    conversation = make_conversation(alice)
    turn = make_turn(conversation)
    address = f"/c/{conversation.pk}/earlier/?before={turn.pk}"

    assert other.get(address).status_code == 404


def test_turns_of_many_parts_are_shown_fewer_at_a_time(page: Client, alice: User) -> None:
    conversation = make_conversation(alice)
    for number in range(6):
        turn = make_turn(conversation, answer=f"Answer {number}.")
        answer = Message.objects.get(turn=turn, role="assistant")
        Part.objects.bulk_create(
            Part(message=answer, position=n, kind="text", state="done", text="Word.")
            for n in range(1, 100)
        )
    body = page.get(f"/c/{conversation.pk}/").content.decode()
    assert ("Answer 5." in body, "Answer 4." in body) == (True, False)


def test_as_many_queries_open_a_conversation_of_200_turns_as_one_of_20(
    page: Client, alice: User
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for turns in (20, 200):
        conversation = long_conversation(alice, turns=turns, parts=10)
        with CaptureQueriesContext(connection) as queries:
            assert page.get(f"/c/{conversation.pk}/").status_code == 200
        counts.append(len(queries))
    # One more for the number of earlier turns would be fine; one for each turn is not.
    assert counts[1] <= min(counts[0] + 1, 24)


def test_the_list_is_searched_by_title(page: Client, alice: User) -> None:
    make_conversation(alice)
    assert "A <mark>todo</mark> app" in page.get("/conversations/?q=TODO").content.decode()
    assert "Nothing is found for" in page.get("/conversations/?q=snake").content.decode()
