"""Parts, versions, archives and searches over HTTP; on a stopped sandbox, which has them too."""

from __future__ import annotations

import io
import tarfile
import zipfile

import pytest
from django.test import Client

from tests.fixtures.rows import make_sandbox
from tests.fixtures.streamed import content_of
from vibe.accounts.models import User

JSON = "application/json"
BYTES = "application/octet-stream"
pytestmark = pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume")


@pytest.fixture
def url(alice: User) -> str:
    return f"/api/v1/sandboxes/{make_sandbox(alice, status='stopped').id}/files"


@pytest.fixture
def write(as_alice: Client, url: str):
    def write(path: str, content: bytes, **options):
        return as_alice.put(f"{url}/content?path={path}", content, content_type=BYTES, **options)

    return write


def content(response) -> bytes:
    return content_of(response)


def test_a_part_of_a_file_is_sent(as_alice: Client, url: str, write) -> None:
    write("f", b"0123456789")
    for header, part, where in (
        ("bytes=2-4", b"234", "bytes 2-4/10"),
        ("bytes=7-", b"789", "bytes 7-9/10"),
        ("bytes=-2", b"89", "bytes 8-9/10"),
        ("bytes=5-100", b"56789", "bytes 5-9/10"),
    ):
        response = as_alice.get(f"{url}/content?path=f", headers={"range": header})
        assert (response.status_code, content(response)) == (206, part)
        assert response["Content-Range"] == where
        assert response["Content-Length"] == str(len(part))


@pytest.mark.parametrize("header", ["bytes=5-2", "items=1-2", "bytes=0-1,3-4", "bytes=-"])
def test_a_range_that_makes_no_sense_is_answered_with_the_whole(
    as_alice: Client, url: str, write, header: str
) -> None:
    write("f", b"0123456789")
    response = as_alice.get(f"{url}/content?path=f", headers={"range": header})
    assert (response.status_code, content(response)) == (200, b"0123456789")


def test_a_part_beyond_the_end_is_refused(as_alice: Client, url: str, write) -> None:
    write("f", b"0123456789")
    response = as_alice.get(f"{url}/content?path=f", headers={"range": "bytes=10-"})
    assert (response.status_code, response["Content-Range"]) == (416, "bytes */10")


def test_a_file_is_replaced_only_when_it_is_as_it_was_seen(
    as_alice: Client, url: str, write
) -> None:
    first = write("f", b"one")
    assert as_alice.head(f"{url}/content?path=f")["ETag"] == first["ETag"]
    assert write("f", b"two", headers={"if-match": first["ETag"]}).status_code == 200
    late = write("f", b"three", headers={"if-match": first["ETag"]})
    assert late.status_code == 409
    assert "Read it again" in late.json()["error"]["hint"]
    assert write("f", b"four", headers={"if-none-match": "*"}).status_code == 409
    assert content(as_alice.get(f"{url}/content?path=f")) == b"two"


def test_a_file_grows_by_what_is_appended(as_alice: Client, url: str, write) -> None:
    write("log", b"one\n")
    write("log&append=1", b"two\n")
    assert content(as_alice.get(f"{url}/content?path=log")) == b"one\ntwo\n"


def test_a_file_is_moved_and_made_executable_in_one_request(
    as_alice: Client, url: str, write
) -> None:
    write("a", b"x")
    change = {"target": "bin/a", "mode": 0o755}
    response = as_alice.patch(f"{url}?path=a", change, content_type=JSON)
    assert response.status_code == 200
    assert (response.json()["path"], response.json()["mode"]) == ("bin/a", 0o755)
    assert as_alice.get(f"{url}/stat?path=bin/a").json()["kind"] == "file"
    assert as_alice.get(f"{url}/stat?path=a").status_code == 404
    assert as_alice.patch(f"{url}?path=bin/a", {}, content_type=JSON).status_code == 422


def test_a_copy_is_a_file_of_its_own(as_alice: Client, url: str, write) -> None:
    write("a", b"x")
    pair = {"source": "a", "target": "b"}
    assert as_alice.post(f"{url}/copy", pair, content_type=JSON).status_code == 204
    assert as_alice.post(f"{url}/copy", pair, content_type=JSON).status_code == 409
    write("a", b"y")
    assert content(as_alice.get(f"{url}/content?path=b")) == b"x"


def test_a_folder_comes_as_an_archive_and_goes_back(as_alice: Client, url: str, write) -> None:
    write("src/a.txt", b"text")
    write("node_modules/x/y", b"made anew")
    response = as_alice.get(f"{url}/archive?format=zip")
    assert response["Content-Type"] == "application/zip"
    data = content(response)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.namelist() == ["src/", "src/a.txt"]
    sent = as_alice.post(f"{url}/archive?path=copy", data, content_type="application/zip")
    assert sent.json() == {"files": 1, "bytes": 4}
    packed = as_alice.get(f"{url}/archive?path=copy/src")
    assert packed["Content-Disposition"].endswith("src.tar.gz")
    with tarfile.open(fileobj=io.BytesIO(content(packed))) as archive:
        assert archive.getnames() == ["a.txt"]


def test_what_is_no_archive_is_refused_in_words(as_alice: Client, url: str) -> None:
    response = as_alice.post(f"{url}/archive", b"nonsense", content_type=BYTES)
    assert response.status_code == 400
    assert "tar, tar.gz or zip" in response.json()["error"]["hint"]


def test_lines_and_names_are_found(as_alice: Client, url: str, write) -> None:
    write("src/a.py", b"one\nTWO three\n")
    found = as_alice.get(f"{url}/search?text=two").json()
    assert found["items"] == [{"path": "src/a.py", "line": 2, "text": "TWO three"}]
    names = as_alice.get(f"{url}/search?text=*.py&where=names").json()
    assert [item["path"] for item in names["items"]] == ["src/a.py"]
    assert as_alice.get(f"{url}/search?text=").status_code == 422


def test_bob_gets_404_from_all_of_them(as_bob: Client, url: str) -> None:
    for path in ("stat?path=a", "search?text=a", "archive"):
        assert as_bob.get(f"{url}/{path}").status_code == 404
    assert as_bob.patch(f"{url}?path=a", {"mode": 0}, content_type=JSON).status_code == 404
    assert as_bob.post(f"{url}/archive", b"x", content_type=BYTES).status_code == 404
    pair = {"source": "a", "target": "b"}
    assert as_bob.post(f"{url}/copy", pair, content_type=JSON).status_code == 404
