"""The pages of versions."""

from __future__ import annotations

import pytest
from django.test import Client

from chat.models import Conversation, Version
from chat.rendering.versions import Line, lines_in, rows_of
from chat.services import conversations
from chat.services.endings import end_turn
from chat.services.versioning import versions
from sandboxes.models import Command, Sandbox
from sandboxes.services import files
from sandboxes.services.version_files import FileChange
from tests.fixtures.rows import make_conversation, make_turn
from tests.fixtures.waiting import until
from vibe.accounts.models import User


@pytest.fixture
def page(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    return client


@pytest.fixture
def conversation(owner: User, sandbox: Sandbox) -> Conversation:
    """With two turns about a real sandbox, saved."""
    found = make_conversation(owner)
    conversations.use_sandbox(found.pk, sandbox.pk)
    for text in ("one <b>\n", "two\n"):
        turn = make_turn(found, status="running")
        versions.save_before(turn)
        files.write_files(sandbox, [("app.py", text.encode()), ("app.db", b"data")])
        end_turn(turn.pk, "completed")
    until(lambda: versions.list_for(found).count() == 2)
    return found


@pytest.mark.sandbox
def test_the_conversation_has_a_line_for_each_version(page, conversation) -> None:
    shown = page.get(f"/c/{conversation.pk}/").content.decode()
    assert shown.count('class="version-line"') == 2
    assert "Version 2" in shown


@pytest.mark.sandbox
@pytest.mark.parametrize("view", ["", "split"])
def test_the_changes_of_the_newest_version_are_shown_escaped(page, conversation, view) -> None:
    shown = page.get(f"/c/{conversation.pk}/changes/?view={view}").content.decode()
    assert "one &lt;b&gt;" in shown
    assert 'data-sign="-"' in shown


@pytest.mark.sandbox
def test_a_restore_asks_first_and_says_what_happens_to_the_data(page, conversation) -> None:
    first = Version.objects.get(number=1)
    shown = page.get(f"/versions/{first.pk}/restore/").content.decode()
    assert "Restore version 1?" in shown
    assert "app.db" in shown


@pytest.mark.sandbox
def test_the_page_restores_and_keeps_the_data_when_asked_to(page, conversation, sandbox) -> None:
    files.write_files(sandbox, [("app.db", b"today")])
    first = Version.objects.get(number=1)
    answer = page.post(f"/versions/{first.pk}/restore/", {"data": "keep"})
    assert answer.status_code == 302
    until(lambda: files.read_file(sandbox, "app.py") == b"one <b>\n")
    assert files.read_file(sandbox, "app.db") == b"today"


@pytest.mark.sandbox
def test_a_version_gets_a_name_and_a_star(page, conversation) -> None:
    first = Version.objects.get(number=1)
    page.post(f"/versions/{first.pk}/", {"name": "works"})
    page.post(f"/versions/{first.pk}/", {"favourite": "yes"})
    first.refresh_from_db()
    assert (first.name, first.favourite) == ("works", True)


@pytest.mark.sandbox
@pytest.mark.parametrize("path", ["restore/", "archive/"])
def test_versions_of_others_are_not_found(conversation, path) -> None:
    stranger = Client()
    stranger.force_login(User.objects.create_user("eve"))
    first = Version.objects.get(number=1)
    assert stranger.get(f"/versions/{first.pk}/{path}").status_code == 404
    assert stranger.get(f"/c/{conversation.pk}/changes/").status_code == 404


def test_a_conversation_without_versions_says_what_will_be_there(as_alice_page, alice) -> None:
    conversation = make_conversation(alice)
    shown = as_alice_page.get(f"/c/{conversation.pk}/changes/").content.decode()
    assert "After each turn the workspace becomes a version" in shown


@pytest.fixture
def as_alice_page(alice: User) -> Client:
    client = Client()
    client.force_login(alice)
    return client


PATCH = "@@ -1,2 +1,2 @@\n same\n-old\n+new\n+more\n"


def test_lines_of_a_diff_are_numbered_on_both_sides() -> None:
    lines = lines_in(FileChange("a", "changed", 2, 1, PATCH))
    assert [(line.sign, line.before, line.after) for line in lines] == [
        ("@", "", ""), (" ", "1", "1"), ("-", "2", ""), ("+", "", "2"), ("+", "", "3"),
    ]  # fmt: skip


def test_side_by_side_what_came_is_opposite_what_went() -> None:
    rows = rows_of(lines_in(FileChange("a", "changed", 2, 1, PATCH)))
    assert (rows[2].left, rows[2].right) == (
        Line("-", "2", "", "old"), Line("+", "", "2", "new"),
    )  # fmt: skip
    assert rows[3].left is None


@pytest.mark.sandbox
def test_a_restore_offers_the_dependency_step_before_in_words_and_after_as_a_button(
    page, conversation, sandbox
) -> None:
    for text in ("# three\n", "# four\n"):
        turn = make_turn(conversation, status="running")
        versions.save_before(turn)
        files.write_files(sandbox, [("my web/requirements.txt", text.encode())])
        end_turn(turn.pk, "completed")
    until(lambda: versions.list_for(conversation).count() == 4)
    third = Version.objects.get(number=3)
    step = "(cd &#x27;my web&#x27; &amp;&amp; pip install -r requirements.txt)"
    assert step in page.get(f"/versions/{third.pk}/restore/").content.decode()
    page.post(f"/versions/{third.pk}/restore/")
    made = until(lambda: versions.list_for(conversation).filter(restores=third).first())
    assert step in page.get(f"/c/{conversation.pk}/").content.decode()
    answer = page.post(f"/versions/{made.pk}/install/", headers={"Accept": "application/json"})
    assert answer.status_code == 200
    line = Command.objects.get(pk=answer.json()["command"]).args[-1]
    assert line == "(cd 'my web' && pip install -r requirements.txt)"
    page.post(f"/versions/{third.pk}/install/")  # which asks for none
    assert Command.objects.count() == 1
