"""The code panel's answers, on a stopped sandbox: what is shown, made, saved and refused."""

from __future__ import annotations

import pytest
from django.test import Client

from sandboxes.models import Sandbox
from sandboxes.services import files
from tests.fixtures.rows import make_sandbox
from vibe.accounts.models import User

pytestmark = pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume")
HTMX = {"hx-request": "true"}


@pytest.fixture
def sandbox(alice: User) -> Sandbox:
    return make_sandbox(alice, status="stopped")


@pytest.fixture
def url(sandbox: Sandbox) -> str:
    return f"/sandboxes/{sandbox.pk}"


def test_text_is_escaped_and_numbered(page: Client, sandbox: Sandbox, url: str) -> None:
    files.write_files(sandbox, [("a.txt", b"<script>alert(1)</script>\nsecond\n")])
    shown = page.get(f"{url}/file/?path=a.txt").content.decode()
    assert "&lt;script&gt;" in shown and "<script>" not in shown
    assert "1\n2</pre>" in shown


def test_bytes_are_shown_as_such_and_cannot_be_edited(
    page: Client, sandbox: Sandbox, url: str
) -> None:
    files.write_files(sandbox, [("a.bin", bytes(range(32)))])
    shown = page.get(f"{url}/file/?path=a.bin").content.decode()
    assert "000010  10 11 12" in shown
    assert "data-editable" not in shown


def test_latin_1_is_shown_but_not_edited_to_pieces(
    page: Client, sandbox: Sandbox, url: str
) -> None:
    files.write_files(sandbox, [("a.txt", "für".encode("latin-1"))])
    shown = page.get(f"{url}/file/?path=a.txt").content.decode()
    assert "f\N{REPLACEMENT CHARACTER}r" in shown
    assert "data-editable" not in shown


@pytest.mark.parametrize("name", ["a.png", "a.svg"])
def test_a_picture_cannot_run_anything(page: Client, sandbox: Sandbox, url: str, name: str) -> None:
    files.write_files(sandbox, [(name, b"<svg/>")])
    response = page.get(f"{url}/image/?path={name}")
    assert response["Content-Type"].startswith("image/")
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_what_is_no_picture_is_not_served_as_one(page: Client, sandbox: Sandbox, url: str) -> None:
    files.write_files(sandbox, [("a.html", b"<script>alert(1)</script>")])
    assert page.get(f"{url}/image/?path=a.html", headers=HTMX).status_code == 400
    response = page.get(f"{url}/download/?path=a.html")
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Content-Type"] == "application/octet-stream"


def test_a_text_tells_the_version_that_an_editor_writes_over(
    page: Client, sandbox: Sandbox, url: str
) -> None:
    files.write_files(sandbox, [("a.txt", b"one\n")])
    shown = page.get(f"{url}/file/?path=a.txt").content.decode()
    assert "data-editable" in shown
    assert f'data-text-version="{files.stat(sandbox, "a.txt").version}"' in shown


def test_a_text_too_long_to_be_shown_whole_is_not_edited(
    page: Client, sandbox: Sandbox, url: str
) -> None:
    files.write_files(sandbox, [("a.txt", b"0123456789\n" * 40_000)])
    shown = page.get(f"{url}/file/?path=a.txt").content.decode()
    assert "data-editable" not in shown
    assert "download it to see the rest" in shown


def test_nothing_is_made_over_what_is_there(page: Client, sandbox: Sandbox, url: str) -> None:
    files.write_files(sandbox, [("a.txt", b"kept")])
    for kind in ("file", "folder"):
        data = {"folder": ".", "name": "a.txt", "kind": kind}
        response = page.post(f"{url}/file/create/", data, headers=HTMX)
        assert response.status_code == 409
        assert "there already" in response.content.decode()
    assert files.read_file(sandbox, "a.txt") == b"kept"


def test_a_folder_goes_with_everything_in_it(page: Client, sandbox: Sandbox, url: str) -> None:
    files.write_files(sandbox, [("src/a/b.txt", b"x"), ("kept", b"")])
    shown = page.get(f"{url}/file/?path=src").content.decode()
    assert "Delete the folder “src” with 1 file?" in shown
    assert page.post(f"{url}/file/delete/?path=src").status_code == 200
    assert [entry.path for entry in files.list_files(sandbox)[0]] == ["kept"]


def test_another_user_finds_nothing(other: Client, sandbox: Sandbox, url: str) -> None:
    files.write_files(sandbox, [("a.png", b"x")])
    for address in (
        "files/",
        "files/search/?text=a",
        "download/?path=a.png",
        "archive/",
        "image/?path=a.png",
        "file/?path=a.png",
    ):
        assert other.get(f"{url}/{address}").status_code == 404
    for address in ("file/create/", "file/move/", "file/delete/?path=a.png"):
        assert other.post(f"{url}/{address}", {"path": "a.png", "name": "b"}).status_code == 404
    assert files.read_file(sandbox, "a.png") == b"x"
