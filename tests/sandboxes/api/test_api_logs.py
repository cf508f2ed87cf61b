from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from sandboxes.models import Command
from tests.fixtures.rows import add_output, finish, make_command, make_sandbox
from tests.fixtures.streamed import content_of
from vibe.accounts.models import User

# The server's threads read the rows.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def command(alice: User) -> Command:
    command = make_command(make_sandbox(alice))
    return finish(add_output(command, (1, b"one\n"), (2, b"oops\n"), (1, b"two\n")))


def read(client: Client, command: Command, **query: Any) -> list[dict[str, Any]]:
    response = client.get(f"/api/v1/commands/{command.id}/logs", query)
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == "application/x-ndjson"
    return [json.loads(line) for line in content_of(response).splitlines()]


def test_it_works(as_alice: Client, command: Command) -> None:
    assert [(line["offset"], line["stream"], line["data"]) for line in read(as_alice, command)] == [
        (0, "stdout", "one\n"),
        (4, "stderr", "oops\n"),
        (9, "stdout", "two\n"),
    ]


def test_after_skips_what_was_read_and_cuts_within_a_piece(
    as_alice: Client, command: Command
) -> None:
    assert [line["data"] for line in read(as_alice, command, after=6)] == ["ps\n", "two\n"]


def test_after_the_end_there_is_nothing(as_alice: Client, command: Command) -> None:
    assert read(as_alice, command, after=13) == []


def test_every_next_resumes_without_loss_or_repetition(as_alice: Client, alice: User) -> None:
    euro = "€".encode()
    command = make_command(make_sandbox(alice, "euro"))
    finish(add_output(command, (1, b"a" + euro[:1]), (2, "é".encode()), (1, euro[1:] + b"z")))
    whole = [line["data"] for line in read(as_alice, command)]
    assert whole == ["a", "é", "€z"]
    for index, line in enumerate(read(as_alice, command)):
        rest = [later["data"] for later in read(as_alice, command, after=line["next"])]
        assert rest == whole[index + 1 :]


@pytest.mark.django_db(transaction=True)
def test_a_followed_log_ends_with_how_it_ended(as_alice: Client, command: Command) -> None:
    *lines, end = read(as_alice, command, follow=1)
    assert "".join(line["data"] for line in lines) == "one\noops\ntwo\n"
    assert end["end"] is True
    assert (end["status"], end["cause"], end["exit_code"]) == ("finished", "exited", 0)
    assert end["next"] == 13


def test_what_the_limit_cut_out_is_said(as_alice: Client, command: Command) -> None:
    command.chunks.filter(offset=4).delete()
    dropped = read(as_alice, command)[1]
    assert dropped == {"offset": 4, "dropped": 5, "next": 9}


def test_a_negative_cursor_is_refused(as_alice: Client, command: Command) -> None:
    assert as_alice.get(f"/api/v1/commands/{command.id}/logs?after=-1").status_code == 422


def test_bob_gets_404(as_bob: Client, command: Command) -> None:
    assert as_bob.get(f"/api/v1/commands/{command.id}/logs").status_code == 404
