"""What the demo model builds starts and answers in a real sandbox."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable

import pytest

from chat.agent.demo import catalogue
from tests.fixtures.waiting import until

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]
INSTALLING = [name for name in catalogue.names() if catalogue.recipe(name).install]
OFFLINE = [name for name in catalogue.names() if name not in INSTALLING]
TIMEOUT = 10


def request(
    sandbox, port: int, path: str = "/", method: str = "GET", body: str = "", kind: str = ""
) -> str:
    """The whole answer of a server in the sandbox, head and body."""
    from sandboxes.services import ports

    head = f"{method} {path} HTTP/1.0\r\nHost: localhost:{port}\r\nContent-Length: {len(body)}\r\n"
    kind = f"Content-Type: {kind}\r\n" if kind else ""
    with ports.connect(sandbox.pk, port) as connection:
        connection.settimeout(TIMEOUT)
        connection.sendall(f"{head}{kind}\r\n{body}".encode())
        received = b""
        while more := _more(connection):
            received += more
    return received.decode(errors="replace")


def _more(connection: socket.socket) -> bytes:
    try:
        return connection.recv(65536)
    except TimeoutError:
        return b""


@pytest.fixture
def build(sandbox_worker, conversation, say, parts) -> Callable:
    """Asks for a recipe in a conversation of one sandbox; answers (sandbox, port)."""

    def of(name: str):
        answered = parts(say(f"Build and run {catalogue.recipe(name).noun['en']}"))
        said = "\n".join(part.text for part in answered if part.kind == "text")
        address = next((part for part in answered if part.tool == "get_sandbox_url"), None)
        assert address is not None, said
        conversation.refresh_from_db()
        return conversation.sandbox, address.arguments["port"]

    return of


def test_every_app_without_packages_answers_with_its_page_beside_the_others(build):
    for name in OFFLINE:
        sandbox, port = build(name)

        answer = request(sandbox, port)

        assert " 200 " in answer.splitlines()[0], (name, answer)
        assert catalogue.recipe(name).title["en"] in answer or name == "landing", name
        assert "{{" not in answer and "<h1" in answer, name


def test_notes_are_kept_in_the_database(build):
    sandbox, port = build("notes")

    note = json.dumps({"title": "Milk", "body": "two litres"})
    made = request(sandbox, port, "/api/notes", "POST", note)

    assert " 201 " in made.splitlines()[0]
    assert "two litres" in request(sandbox, port, "/api/notes")


def test_the_api_checks_what_it_is_sent(build):
    sandbox, port = build("rest_api")

    wrong = request(sandbox, port, "/api/books", "POST", '{"year": "x"}')
    right = request(sandbox, port, "/api/books", "POST", '{"title": "Solaris"}')

    assert " 422 " in wrong.splitlines()[0] and " 201 " in right.splitlines()[0]


def test_the_planted_bug_fails_with_a_trace_and_is_mended_by_fix_it(build, say, parts):
    from sandboxes.models import Command
    from sandboxes.output import replay

    sandbox, port = build("buggy")
    bill = '{"amount": "84.50", "tip": "10", "people": "3"}'

    assert " 500 " in request(sandbox, port, "/split", "POST", bill).splitlines()[0]
    server = Command.objects.filter(sandbox=sandbox).latest("created_at")
    until(lambda: "KeyError: 'persons'" in replay.text(server))
    parts(say("Fix it"))

    assert '"each": 30.98' in request(sandbox, port, "/split", "POST", bill)


def test_a_sandbox_that_the_conversation_came_with_is_used(
    sandbox_worker, conversation, owner, say, parts
):
    from chat.services import conversations
    from sandboxes.services import creating, files, readiness

    sandbox = readiness.wait_until_running(creating.create_sandbox(owner), timeout=30)
    files.write_files(sandbox, [("app.py", b"mine")])
    conversations.use_sandbox(conversation.pk, sandbox.pk)

    answered = parts(say("build a to-do app in Python"))

    assert "create_sandbox" not in [part.tool for part in answered]
    assert files.read_file(sandbox, "app.py") == b"mine"


def test_a_python_that_finds_no_script_is_told_as_that(sandbox_worker, say, parts):
    answered = parts(say("python3 nope.py"))

    words = "\n".join(part.text for part in answered if part.kind == "text")
    assert "can't open file" in words and "installed" not in words


@pytest.mark.battery
@pytest.mark.parametrize("name", INSTALLING)
def test_an_app_with_packages_installs_them_and_answers(build, name):
    sandbox, port = build(name)

    answer = request(sandbox, port)

    assert " 200 " in answer.splitlines()[0], answer
    assert catalogue.recipe(name).title["en"] in answer
