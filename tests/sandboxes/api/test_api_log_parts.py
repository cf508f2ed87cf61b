"""Parts of a log: lines, tails, ranges, one stream, matches, files."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from sandboxes.models import Command
from tests.fixtures.rows import add_output, finish, make_command, make_sandbox
from tests.fixtures.streamed import content_of
from vibe.accounts.models import User

pytestmark = [
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume"),
    pytest.mark.django_db(transaction=True),  # the server's threads read the rows
]


@pytest.fixture
def command(alice: User) -> Command:
    command = make_command(make_sandbox(alice))
    return finish(add_output(command, (1, b"one\n"), (2, b"oops\n"), (1, b"two\nthree\n")))


def read(client: Client, command: Command, part: str = "", **query: Any) -> bytes:
    response = client.get(f"/api/v1/commands/{command.id}/logs{part}", query)
    assert response.status_code == 200, response.content
    return content_of(response)


def data(client: Client, command: Command, **query: Any) -> str:
    lines = [json.loads(line) for line in read(client, command, **query).splitlines()]
    return "".join(line["data"] for line in lines if "data" in line)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"from_line": 3}, "two\nthree\n"),
        ({"from_line": 9}, ""),
        ({"tail": 2}, "two\nthree\n"),
        ({"tail": 99}, "one\noops\ntwo\nthree\n"),
        ({"after": 1, "until": 6}, "ne\noo"),
        ({"stream": "stderr"}, "oops\n"),
        ({"stream": "stdout", "tail": 3}, "two\nthree\n"),
    ],
)
def test_a_part_is_what_was_asked_for(as_alice, command, query, found) -> None:
    assert data(as_alice, command, **query) == found


@pytest.mark.django_db(transaction=True)
def test_a_followed_part_ends_where_it_should(as_alice, command) -> None:
    assert data(as_alice, command, follow=1, until=6) == "one\noo"
    assert data(as_alice, command, follow=1, tail=1) == "three\n"


def test_two_beginnings_are_refused(as_alice, command) -> None:
    response = as_alice.get(f"/api/v1/commands/{command.id}/logs?tail=1&from_line=2")
    assert response.status_code == 400
    assert "one of" in response.json()["error"]["message"]


def test_matches_come_with_line_and_place(as_alice, command) -> None:
    found = json.loads(read(as_alice, command, "/search", q="o", limit=2))
    assert [(m["line"], m["stream"], m["text"]) for m in found["matches"]] == [
        (1, "stdout", "one"),
        (2, "stderr", "oops"),
    ]
    rest = json.loads(read(as_alice, command, "/search", q="o", after=found["next"]))
    assert ([m["line"] for m in rest["matches"]], rest["next"]) == ([3], None)


def test_a_bad_expression_is_told(as_alice, command) -> None:
    response = as_alice.get(f"/api/v1/commands/{command.id}/logs/search?q=(&regex=1")
    assert response.status_code == 400
    assert "regular expression" in response.json()["error"]["message"]


def test_text_and_bytes_are_files(as_alice, alice) -> None:
    command = make_command(make_sandbox(alice, "raw"))
    finish(add_output(command, (1, b"\x1b[1ma\xff"), (2, b"b\n")))
    assert read(as_alice, command, "/raw") == b"\x1b[1ma\xffb\n"
    assert read(as_alice, command, "/raw", after=4, until=6) == b"a\xff"
    assert read(as_alice, command, "/raw", stream="stderr") == b"b\n"
    # A stream is decoded by itself; its broken last byte shows when nothing follows.
    assert read(as_alice, command, "/text").decode() == "a\N{REPLACEMENT CHARACTER}b\n"


@pytest.mark.parametrize("part", ["/search?q=o", "/text", "/raw"])
def test_bob_gets_404(as_bob, command, part) -> None:
    assert as_bob.get(f"/api/v1/commands/{command.id}/logs{part}").status_code == 404
