"""Interactive terminals in the protocol of the official clients."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.sandboxes.vercel.conftest import Program

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]
SESSIONS = "/v2/sandboxes/sessions"
TIMEOUT = 30


def opened(program: Program, session: str) -> str:
    """The address to connect to, with its token."""
    answer = program("POST", f"{SESSIONS}/{session}/interactive", {})
    assert answer.status == 200, answer.body
    return f"{answer.json['url']}?token={answer.json['token']}"


@contextmanager
def started(address: str, command: str, *args: str, **more: Any) -> Iterator[ClientConnection]:
    with connect(address) as socket:
        socket.send(json.dumps({"type": "start", "command": command, "args": args, **more}))
        yield socket


def rest(socket: ClientConnection) -> tuple[bytes, list[Any]]:
    """(output, texts) until the server closes."""
    output, texts = b"", []
    try:
        while True:
            frame = socket.recv(TIMEOUT)
            if isinstance(frame, bytes):
                output += frame
            else:
                texts.append(frame)
    except ConnectionClosed as closed:
        assert closed.rcvd is not None and closed.rcvd.code == 1000
    return output, texts


def output_with(socket: ClientConnection, wanted: bytes) -> bytes:
    output = b""
    while wanted not in output:
        frame = socket.recv(TIMEOUT)
        assert isinstance(frame, bytes), frame
        output += frame
    return output


def test_a_program_gets_a_terminal_its_environment_and_tells_its_end(
    program: Program, session: str
) -> None:
    script = 'tty >/dev/null && stty size && echo "$GREETING in $PWD"; exit 7'
    environment = ["GREETING=hello = you", "TERM=xterm"]
    more = {"env": environment, "cwd": "/tmp", "cols": 100, "rows": 30}
    with started(opened(program, session), "sh", "-c", script, **more) as socket:
        output, texts = rest(socket)
    assert output == b"30 100\r\nhello = you in /tmp\r\n"
    assert [json.loads(text) for text in texts] == [{"type": "exit", "code": 7}]


def test_what_is_typed_reaches_the_program_and_sizes_do_too(program: Program, session: str) -> None:
    with started(opened(program, session), "sh", cols=80, rows=24) as socket:
        socket.send(b"echo one$((1+1))\n")
        output_with(socket, b"one2")
        socket.send(json.dumps({"type": "resize", "cols": 132, "rows": 43}))
        socket.send(b"stty size\n")
        output_with(socket, b"43 132")
        socket.send(b"exit 3\n")
        _, texts = rest(socket)
    assert json.loads(texts[-1]) == {"type": "exit", "code": 3}


def test_who_hangs_up_ends_the_program(program: Program, session: str) -> None:
    with started(opened(program, session), "sh", "-c", "echo up; exec sleep 300") as socket:
        output_with(socket, b"up")
    listed = program("GET", f"{SESSIONS}/{session}/cmd").json["commands"]
    (mine,) = [one for one in listed if "exec sleep 300" in str(one["args"])]
    ended = program("GET", f"{SESSIONS}/{session}/cmd/{mine['id']}?wait=true").json["command"]
    assert ended["exitCode"] not in (0, None)


def test_a_program_that_is_not_there_is_told_to_the_person(program: Program, session: str) -> None:
    with started(opened(program, session), "no-such-program") as socket:
        _, texts = rest(socket)
    assert "no-such-program" in texts[0]
    assert json.loads(texts[-1]) == {"type": "exit", "code": 127}


def test_an_address_works_once_and_for_its_session_only(program: Program, session: str) -> None:
    address = opened(program, session)
    with started(address, "true") as socket:
        rest(socket)
    for wrong in (address, opened(program, session).replace(session, "sbx_other")):
        with connect(wrong) as socket, pytest.raises(ConnectionClosed) as closed:
            socket.recv(TIMEOUT)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 4404


def test_a_stranger_opens_none_and_a_stopped_session_says_so(
    program: Program, stranger: Program, session: str
) -> None:
    assert stranger("POST", f"{SESSIONS}/{session}/interactive", {}).status == 404
    box = program.create()
    program("POST", f"{SESSIONS}/{box['session']['id']}/stop")
    answer = program("POST", f"{SESSIONS}/{box['session']['id']}/interactive", {})
    assert (answer.status, answer.code) == (410, "sandbox_stopped")


def test_the_host_of_a_terminal_tells_its_health(program: Program) -> None:
    assert program("GET", "/health").status == 200
