"""Sandboxes' pages and the words of the panels."""

from __future__ import annotations

import pytest
from django.test import Client

from sandboxes.engine import FileEntry
from sandboxes.models import Sandbox, SandboxSession
from sandboxes.rendering.panels import state_of
from sandboxes.views.tree import tree
from tests.fixtures.rows import add_output, finish, make_command, make_sandbox
from tests.fixtures.streamed import content_of
from vibe.accounts.models import User


def entry(path: str, kind: str = "file") -> FileEntry:
    return FileEntry(path=path, kind=kind, size=1, mtime=0.0, mode=0o644)


def test_the_list_shows_only_ones_own_sandboxes(page: Client, alice: User, bob: User) -> None:
    make_sandbox(alice, "mine")
    make_sandbox(bob, "theirs")
    body = page.get("/sandboxes/").content.decode()
    assert "mine" in body
    assert "theirs" not in body


def test_somebody_elses_sandbox_does_not_exist(other: Client, alice: User) -> None:
    sandbox = make_sandbox(alice)
    command = make_command(sandbox)
    for path in ("", "files/", "download/?path=a"):
        assert other.get(f"/sandboxes/{sandbox.pk}/{path}").status_code == 404
    assert other.get(f"/sandboxes/{sandbox.pk}/file/?path=a").status_code == 404
    for verb in ("stop", "resume", "extend", "delete"):
        assert other.post(f"/sandboxes/{sandbox.pk}/{verb}/").status_code == 404
    for path in ("", "log/"):
        assert other.get(f"/commands/{command.pk}/{path}").status_code == 404
    assert other.post(f"/commands/{command.pk}/stop/").status_code == 404


def test_what_an_ended_command_left_running_is_shown_with_a_way_to_stop_it(
    page: Client, alice: User
) -> None:
    command = finish(make_command(make_sandbox(alice), left_processes=2))
    body = page.get(f"/commands/{command.pk}/").content.decode()
    assert "2 processes that it left behind" in body and f"/commands/{command.pk}/stop/" in body
    assert f"/commands/{command.pk}/again/" in body
    command.left_processes = 0
    command.save()
    body = page.get(f"/commands/{command.pk}/").content.decode()
    assert "left behind" not in body and f"/commands/{command.pk}/stop/" not in body


def test_a_commands_output_is_readable_without_scripts(page: Client, alice: User) -> None:
    command = finish(add_output(make_command(make_sandbox(alice)), (1, b"<b>hello</b>\n")))
    body = page.get(f"/commands/{command.pk}/").content.decode()
    assert "&lt;b&gt;hello&lt;/b&gt;" in body
    assert "exit 0" in body


@pytest.mark.django_db(transaction=True)  # threads of the server read the rows
def test_the_whole_output_is_a_download(page: Client, alice: User) -> None:
    command = finish(add_output(make_command(make_sandbox(alice)), (1, b"one\n"), (2, b"two\n")))
    response = page.get(f"/commands/{command.pk}/log/")
    assert content_of(response) == b"one\ntwo\n"
    assert response["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("reason", [r for r in SandboxSession.StopReason if r])
def test_a_stopped_sandbox_says_why_and_offers_to_resume(
    alice: User, reason: SandboxSession.StopReason
) -> None:
    sandbox = make_sandbox(alice, status="stopped")
    sandbox.session.status, sandbox.session.stop_reason = "stopped", reason.value
    state = state_of(sandbox)
    assert state.sentence.lower().startswith(f"{reason.label}. its files are kept")
    assert state.resumable


def test_a_sandbox_that_could_not_start_tells_the_reason(alice: User) -> None:
    sandbox = make_sandbox(alice, status="failed")
    sandbox.session.error = "No space left on device."
    assert "No space left" in state_of(sandbox).sentence


def test_a_refusal_of_a_service_is_a_notice(page: Client, alice: User) -> None:
    sandbox = make_sandbox(alice, status="stopped")
    Sandbox.objects.filter(pk=sandbox.pk).update(status="stopped")
    sandbox.session.status = "stopped"
    sandbox.session.save()
    response = page.post(f"/sandboxes/{sandbox.pk}/extend/", headers={"hx-request": "true"})
    assert response.status_code == 409
    assert 'hx-target="#notices"' in response.content.decode()


def test_folders_come_first_then_names() -> None:
    roots = tree([entry("b.py"), entry("A.py"), entry("src", "dir"), entry("src/x.py")])
    assert [node.path for node in roots] == ["src", "A.py", "b.py"]
    assert [node.path for node in roots[0].children] == ["src/x.py"]


def test_a_folder_that_no_line_names_is_there_all_the_same() -> None:
    assert tree([entry("a/b/c.txt")])[0].children[0].path == "a/b"


def test_what_tools_made_is_named_but_not_opened() -> None:
    node = tree([entry("node_modules", "dir")])[0]
    assert node.skipped
    assert not node.open
