"""Files of a sandbox that runs."""

from __future__ import annotations

import base64

import pytest
from django.test import Client

from sandboxes.models import Sandbox
from tests.fixtures.people import client_of
from tests.fixtures.rows import make_sandbox
from vibe.accounts.models import User

JSON = "application/json"
pytestmark = pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume")


@pytest.mark.sandbox
def test_it_works(as_owner: Client, sandbox: Sandbox) -> None:
    """Written, listed, read, moved, removed: one sandbox for all of it, they take a while."""
    url = f"/api/v1/sandboxes/{sandbox.id}/files"
    raw = bytes(range(256))
    files = [
        {"path": "src/hello.txt", "content": "héllo\n"},
        {"path": "raw.bin", "content_base64": base64.b64encode(raw).decode()},
    ]
    response = as_owner.put(url, files, content_type=JSON)
    assert response.status_code == 200, response.content
    assert response.json()["written"] == ["src/hello.txt", "raw.bin"]

    listed = {item["path"]: item for item in as_owner.get(url).json()["items"]}
    assert listed["src"]["kind"] == "dir"
    assert (listed["src/hello.txt"]["kind"], listed["src/hello.txt"]["size"]) == ("file", 7)

    read = as_owner.get(f"{url}/content", {"path": "raw.bin"})
    assert b"".join(read) == raw

    moved = {"source": "raw.bin", "target": "kept/raw.bin"}
    assert as_owner.post(f"{url}/directory", {"path": "kept"}, content_type=JSON).status_code == 204
    assert as_owner.post(f"{url}/move", moved, content_type=JSON).status_code == 204
    assert b"".join(as_owner.get(f"{url}/content", {"path": "kept/raw.bin"})) == raw
    assert as_owner.get(f"{url}/content", {"path": "raw.bin"}).status_code == 404

    assert as_owner.delete(f"{url}?path=src&recursive=1").status_code == 204
    assert "src" not in {item["path"] for item in as_owner.get(url).json()["items"]}


@pytest.mark.sandbox
def test_a_body_larger_than_a_json_document_may_be_is_written(
    as_owner: Client, sandbox: Sandbox
) -> None:
    url = f"/api/v1/sandboxes/{sandbox.id}/files/content?path=big.bin"
    raw = b"0123456789abcdef" * (256 * 1024)
    response = as_owner.put(url, raw, content_type="application/octet-stream")
    assert response.status_code == 200, response.content
    assert b"".join(as_owner.get(url)) == raw


@pytest.mark.sandbox
def test_a_page_in_a_sandbox_cannot_run_on_the_platforms_origin(
    as_owner: Client, sandbox: Sandbox
) -> None:
    url = f"/api/v1/sandboxes/{sandbox.id}/files"
    page = [{"path": 'a";b.html', "content": "<script>alert(1)</script>"}]
    assert as_owner.put(url, page, content_type=JSON).status_code == 200
    response = as_owner.get(f"{url}/content", {"path": 'a";b.html'})
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"] == "attachment; filename*=UTF-8''a%22%3Bb.html"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]


def test_files_of_a_stopped_sandbox_are_there_too(as_alice: Client, alice: User) -> None:
    url = f"/api/v1/sandboxes/{make_sandbox(alice, status='stopped').id}/files"
    files = [{"path": "src/hello.txt", "content": "hello"}]
    assert as_alice.put(url, files, content_type=JSON).status_code == 200
    assert [item["path"] for item in as_alice.get(url).json()["items"]] == ["src", "src/hello.txt"]
    assert b"".join(as_alice.get(f"{url}/content", {"path": "src/hello.txt"})) == b"hello"


def test_paths_outside_of_a_stopped_sandbox_are_refused_in_words(
    as_alice: Client, alice: User
) -> None:
    url = f"/api/v1/sandboxes/{make_sandbox(alice, status='stopped').id}/files"
    response = as_alice.get(f"{url}/content", {"path": "/etc/passwd"})
    assert response.status_code == 403
    assert "Resume it" in response.json()["error"]["hint"]


@pytest.mark.parametrize(
    "file",
    [
        {"path": "a"},
        {"path": "a", "content": "x", "content_base64": "eA=="},
        {"path": "a", "content_base64": "no base64!"},
        {"path": "", "content": "x"},
        {"path": "a\x00b", "content": "x"},
    ],
)
def test_a_file_without_one_sound_content_is_refused(
    as_alice: Client, alice: User, file: dict[str, str]
) -> None:
    url = f"/api/v1/sandboxes/{make_sandbox(alice).id}/files"
    assert as_alice.put(url, [file], content_type=JSON).status_code == 422


def test_a_key_that_may_only_run_cannot_write(alice: User) -> None:
    url = f"/api/v1/sandboxes/{make_sandbox(alice).id}/files"
    client = client_of(alice, "run")
    body = [{"path": "a", "content": "x"}]
    assert client.put(url, body, content_type=JSON).status_code == 403


def test_bob_gets_404_from_all_of_them(as_bob: Client, alice: User) -> None:
    url = f"/api/v1/sandboxes/{make_sandbox(alice).id}/files"
    body = [{"path": "a", "content": "x"}]
    assert as_bob.get(url).status_code == 404
    assert as_bob.put(url, body, content_type=JSON).status_code == 404
    assert as_bob.delete(f"{url}?path=a").status_code == 404
    assert as_bob.get(f"{url}/content?path=a").status_code == 404
    assert as_bob.put(f"{url}/content?path=a", b"x", content_type="text/plain").status_code == 404
    moved = {"source": "a", "target": "b"}
    assert as_bob.post(f"{url}/move", moved, content_type=JSON).status_code == 404
    assert as_bob.post(f"{url}/directory", {"path": "a"}, content_type=JSON).status_code == 404
