"""A server that has ended says how, with its last words, and does not flicker."""

from __future__ import annotations

import json
import secrets
from datetime import timedelta

import pytest
from django.utils import timezone

from sandboxes.engine import ExecSpec
from sandboxes.models import Command, LogChunk, Sandbox
from tests.fixtures.waiting import until

pytestmark = pytest.mark.sandbox

CLOSED, DYING = 4567, 4568
HTML, JSON = {"Accept": "text/html"}, {"Accept": "application/json"}
# It ends over its first request.
SERVER = f"""
import socket
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", {DYING})); s.listen(); c, _ = s.accept(); c.recv(100)
"""


def ended(sandbox: Sandbox, *, seconds_ago: float = 1, **how) -> Command:
    """A row as the worker leaves it after a command that failed."""
    command = Command.objects.create(
        sandbox=sandbox,
        session=sandbox.session,
        executable="node",
        args=["server.js"],
        status=Command.Status.FINISHED,
        finished_at=timezone.now() - timedelta(seconds=seconds_ago),
        **{
            "background": True,
            "cause": Command.Cause.EXITED,
            "exit_code": 7,
            "log_size": 100,
            **how,
        },
    )
    for number, (stream, data) in enumerate(
        [
            (LogChunk.Stream.STDOUT, b"listening\n"),
            (
                LogChunk.Stream.STDERR,
                b"<b>TypeError</b>: no\n    at api_key=sk-0123456789abcdef01\n",
            ),
        ]
    ):
        LogChunk.objects.create(
            command=command,
            stream=stream,
            offset=number * 10,
            first_line=number + 1,
            line_count=data.count(b"\n"),
            data=data,
        )
    return command


def test_the_page_of_a_closed_port_says_how_its_server_ended(web, sandbox: Sandbox) -> None:
    ended(sandbox)

    html = web.ask(web.host(sandbox, CLOSED), headers=HTML).read().decode()

    assert "Nothing is listening on port 4567 yet" in html
    assert "“node server.js” ended with exit code 7." in html
    assert "&lt;b&gt;TypeError&lt;/b&gt;: no" in html
    assert "listening\n" not in html  # its errors say more


def test_what_looks_like_a_secret_is_not_shown(web, sandbox: Sandbox) -> None:
    ended(sandbox)

    assert "0123456789abcdef" not in web.ask(web.host(sandbox, CLOSED)).read().decode()


def test_programs_get_the_last_lines_too(web, sandbox: Sandbox) -> None:
    ended(sandbox, cause=Command.Cause.SIGNALLED, exit_code=None, signal=9)

    error = json.loads(web.ask(web.host(sandbox, CLOSED), headers=JSON).read())["error"]

    assert "was ended by SIGKILL" in error["hint"]
    assert error["lines"][0] == "<b>TypeError</b>: no"


@pytest.mark.parametrize(
    "how",
    [
        {"seconds_ago": 3600},
        {"exit_code": 0},
        {"background": False},
        {"tty": True},
        {"cause": Command.Cause.KILLED},
    ],
)
def test_what_did_not_fail_just_now_is_not_blamed(web, sandbox: Sandbox, how) -> None:
    ended(sandbox, **how)

    assert b"node server.js" not in web.ask(web.host(sandbox, CLOSED), headers=HTML).read()


def test_a_server_that_ends_over_a_request_says_so_in_its_answer(
    web, served, sandbox: Sandbox
) -> None:
    agent = served.engine.agent(served.handle)
    argv = ["python3", "-c", SERVER]
    with agent.exec(ExecSpec(command=f"cmd{secrets.token_hex(6)}", argv=argv)):
        until(lambda: DYING in agent.ports())
        ended(sandbox)
        answer = web.ask(web.host(sandbox, DYING), headers=HTML)
        html = answer.read().decode()

    assert answer.status == 502
    assert "The server ended before it answered" in html
    assert "ended with exit code 7" in html


def test_a_server_that_keeps_ending_has_one_page_for_its_every_state(web, sandbox: Sandbox) -> None:
    for seconds in (1, 10, 20):
        ended(sandbox, seconds_ago=seconds)

    pages = [
        web.ask(web.host(sandbox, port), path, headers=HTML).read()
        for port, path in ((CLOSED, "/"), (3000, "/hang-up"))
    ]

    assert pages[0] == pages[1]
    assert b"3 times within a minute" in pages[0]
