"""Search in what was said."""

from __future__ import annotations

import pytest

from chat.models import Part, SearchText
from chat.services import conversations, search
from tests.fixtures.rows import make_conversation, make_turn


@pytest.fixture
def talk(owner):
    return make_conversation(owner)


def found(owner, query: str) -> list[str]:
    """The excerpts, with their marks between brackets."""
    return [
        "".join(f"[{piece}]" if marked else piece for piece, marked in excerpt.pieces)
        for match in search.search(owner, query)
        for excerpt in match.excerpts
    ]


def test_part_of_a_word_is_found_whatever_its_case(owner, talk):
    make_turn(talk, answer="The Straßenbahn leaves at noon. ÄPFEL too.")
    assert found(owner, "STRASS") == []
    assert found(owner, "straß") == ["The [Straß]enbahn leaves at noon. ÄPFEL too."]
    assert found(owner, "äpfel") == ["…leaves at noon. [ÄPFEL] too."]


def test_scripts_without_spaces_are_found(owner, talk):
    make_turn(talk, answer="我们用数据库保存文件。")
    assert found(owner, "数据库") == ["我们用[数据库]保存文件。"]


def test_all_words_have_to_be_there_and_quotation_marks_hold_them_together(owner, talk):
    make_turn(talk, answer="red apples and green pears")
    assert found(owner, "pears red")
    assert found(owner, "red pears plums") == []
    assert found(owner, '"green pears"') == ["red apples and [green pears]"]
    assert found(owner, '"red pears"') == []


def test_tools_and_paths_are_found_and_contents_of_files_are_not(owner, talk):
    answer = make_turn(talk).messages.get(role="assistant")
    arguments = {"files": [{"path": "src/app.py", "content": "needle " * 100}]}
    Part.objects.create(
        message=answer, position=1, kind="tool_call", tool="write_files", arguments=arguments
    )
    assert len(found(owner, "write_files src/app.py")) == 1
    assert found(owner, "needle") == []


def test_a_title_is_found_without_a_message(owner, talk):
    (match,) = search.search(owner, "todo")
    assert (match.conversation, match.title) == (
        talk,
        [("A ", False), ("todo", True), (" app", False)],
    )


def test_nobody_finds_what_others_have_said(owner, bob, talk):
    make_turn(talk, answer="confidential")
    assert search.search(bob, "confidential") == []
    assert search.search(bob, "todo") == []
    assert found(owner, "confidential")


def test_what_comes_later_is_found_by_the_next_search(owner, talk):
    make_turn(talk, answer="first")
    assert found(owner, "second") == []
    make_turn(talk, answer="second")
    assert found(owner, "second") == ["[second]"]


def test_what_is_deleted_is_found_no_more(owner, talk):
    make_turn(talk, answer="gone")
    assert found(owner, "gone")
    conversations.delete(talk)
    assert found(owner, "gone") == []
    assert not SearchText.objects.exists()


def test_archived_ones_are_found(owner, talk):
    make_turn(talk, answer="put away")
    conversations.archive(talk)
    assert found(owner, "away")


@pytest.mark.parametrize("query", ["", "   ", '""', '"', "\x00", "%", "_", "\\", "'", "(", "[a-"])
def test_no_query_breaks_the_search(owner, talk, query):
    make_turn(talk, answer="plain")
    assert found(owner, query) == []


def test_a_long_message_shows_the_place(owner, talk):
    make_turn(talk, answer=f"{'before ' * 200}needle{' after' * 200}")
    (text,) = found(owner, "needle")
    assert text.startswith("…")
    assert text.endswith("…")
    assert "[needle]" in text
    assert len(text) < 250


def test_queries_do_not_grow_with_what_is_found(owner, django_assert_max_num_queries):
    for _ in range(12):
        make_turn(make_conversation(owner), answer="same")
    search.search(owner, "same")
    with django_assert_max_num_queries(7):
        assert len(search.search(owner, "same")) == 12
