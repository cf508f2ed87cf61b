"""An agent that lies, seen from the services: nobody hangs, everybody else goes on."""

from __future__ import annotations

import array
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandboxes.engine import calls
from sandboxes.engine import sockets as engine_sockets
from sandboxes.host import handles
from sandboxes.models import Command
from sandboxes.services import commands, creating, files, lifecycle, ports, readiness
from tests.fixtures.observed import until_status
from vibe.refusal import Refusal

pytestmark = pytest.mark.sandbox

Lie = Callable[[socket.socket], None]
PATIENCE = 40


@pytest.fixture(autouse=True)
def impatient(monkeypatch) -> None:
    monkeypatch.setattr(calls, "CALL_TIMEOUT", 0.5)


@pytest.fixture
def captured(sandbox) -> Iterator[Callable[[Lie], None]]:
    """captured(lie): from now on the agent of `sandbox` answers every request with that lie."""
    handle = handles.handle_of(sandbox.session)
    path = Path(handle.socket_path)
    path.rename(path.with_suffix(".true"))
    listener = engine_sockets.listen(path)
    held: list[socket.socket] = []
    lies: list[Lie] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            held.append(connection)  # so that silence is silence and not the end
            try:
                _, fds, _, _ = socket.recv_fds(connection, 1 << 20, 8)
                engine_sockets.close_all(fds)
                lies[0](connection)
            except OSError:
                continue

    thread = threading.Thread(target=serve)
    thread.start()
    yield lies.append
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(20)
    for connection in held:
        connection.close()
    path.unlink(missing_ok=True)
    path.with_suffix(".true").rename(path)


def silence(connection: socket.socket) -> None:
    """Takes the request and never answers."""


def hang_up(connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_RDWR)


def nonsense(connection: socket.socket) -> None:
    connection.send(b"\xff{[not json")


def too_much(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    connection.send(json.dumps({"ok": True, "pid": 1, "x": "x" * 300_000}).encode())


def half_a_message(connection: socket.socket) -> None:
    connection.send(b'{"ok": true, "pid": ')


def reply(connection: socket.socket, fds: list[int], **message: object) -> None:
    data = [json.dumps({"ok": True, "pid": 5, **message}).encode()]
    rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))
    connection.sendmsg(data, [rights])
    engine_sockets.close_all(fds)


def two_hundred_files(connection: socket.socket) -> None:
    reply(connection, [os.open("/etc/passwd", os.O_RDONLY) for _ in range(200)])


def files_for_pipes(connection: socket.socket) -> None:
    reply(connection, [os.open("/etc/passwd", os.O_RDONLY) for _ in range(6)])


def pipes() -> list[int]:
    ends: list[int] = []
    for _ in range(4):
        ends += os.pipe()
    out_r, out_w, err_r, err_w, *spare = ends
    engine_sockets.close_all([out_w, err_w])
    return [out_r, err_r, *spare]


def an_exit_of_nonsense(connection: socket.socket) -> None:
    reply(connection, pipes())
    connection.send(b'{"event": "exit", "exit": {"code": "zero"}}')


def an_end_without_exit(connection: socket.socket) -> None:
    reply(connection, pipes())
    connection.shutdown(socket.SHUT_RDWR)


LIES = [silence, hang_up, nonsense, too_much, half_a_message, two_hundred_files, files_for_pipes,
        an_exit_of_nonsense, an_end_without_exit]  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_a_command_ends_and_says_why(sandbox, captured, lie):
    captured(lie)
    command = commands.wait(commands.run(sandbox, "true"), PATIENCE)
    assert command.is_finished
    assert command.cause in (Command.Cause.START_FAILED, Command.Cause.SANDBOX_STOPPED)
    assert command.cause == Command.Cause.SANDBOX_STOPPED or command.error


def test_another_sandbox_is_served_while_one_is_silent(sandbox, captured, owner, monkeypatch):
    honest = readiness.wait_until_running(creating.create_sandbox(owner))
    monkeypatch.setattr(calls, "CALL_TIMEOUT", 5.0)
    captured(silence)
    waiting = [commands.run(sandbox, "true", background=True) for _ in range(40)]
    began = time.monotonic()
    command = commands.wait(commands.run(honest, "echo", ["hi"]), PATIENCE)
    assert command.outcome == "exit 0"
    assert time.monotonic() - began < 5, "it had to wait for the silent one"
    for entry in waiting:
        commands.stop(entry)


@pytest.mark.parametrize("lie", [nonsense, files_for_pipes, hang_up])
def test_the_file_api_refuses_in_words(sandbox, captured, lie):
    captured(lie)
    with pytest.raises(Refusal) as refused:
        files.read_file(sandbox, "f")
    assert str(refused.value)


@pytest.mark.parametrize("lie", [silence, two_hundred_files, files_for_pipes])
def test_a_preview_gets_no_connection_but_an_answer(sandbox, captured, lie):
    captured(lie)
    with pytest.raises((Refusal, OSError)):
        ports.connect(sandbox.id, 3000, timeout=1.0)


def test_one_that_does_not_answer_is_said_to_be_broken_and_how_it_is_mended(sandbox, captured):
    captured(silence)

    with pytest.raises(Refusal) as refused:
        files.read_file(sandbox, "f")

    assert refused.value.code == "unavailable"
    assert refused.value.message == "The sandbox does not answer."
    assert "stop the sandbox and resume it" in refused.value.hint


def test_it_can_be_stopped_and_resumed_all_the_same(sandbox, captured):
    captured(silence)
    lifecycle.stop(sandbox)
    until_status(sandbox, "stopped")
    lifecycle.resume(sandbox)
    readiness.wait_until_running(sandbox)

    assert commands.wait(commands.run(sandbox, "true"), PATIENCE).succeeded
