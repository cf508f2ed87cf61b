"""The worker is killed again and again while commands count: every log stays exact."""

from __future__ import annotations

import random
import signal
import time

import pytest

from sandboxes.engine import EngineError
from sandboxes.host import handles
from sandboxes.models import Command, Sandbox, SandboxSession
from sandboxes.output import replay
from sandboxes.services import commands, creating, readiness
from tests.fixtures.length import length
from tests.fixtures.observed import log_size
from tests.fixtures.waiting import until

pytestmark = [pytest.mark.sandbox, pytest.mark.battery]

KILLS = length(5, 50)
# The pace changes, so that the kills meet every state of a batch: read, sent, stored, nothing.
COUNT = """
import random, sys, time
dice = random.Random({seed})
for n in range({lines}):
    stream = sys.stdout if n % 7 else sys.stderr
    stream.write(f"line {{n}}\\n"); stream.flush()
    if n % 400 == 0: time.sleep(dice.random() * 0.4)
"""
LINES = 6000
SERVER = "import http.server as h; h.HTTPServer(('127.0.0.1', 8080), h.SimpleHTTPRequestHandler).serve_forever()"  # noqa: E501 - one line of code


def expected(stream: int) -> bytes:
    return b"".join(b"line %d\n" % n for n in range(LINES) if (stream == 1) == bool(n % 7))


def log_of(command: Command, stream: int) -> bytes:
    pieces = replay.read(command, limit_bytes=10**9)
    return b"".join(piece.data for piece in pieces if piece.stream == stream)


def answers(sandbox: Sandbox) -> bool:
    handle = handles.handle_of(SandboxSession.objects.get(pk=sandbox.session_id))
    assert handle is not None
    try:
        with handles.agent_of(handle).connect(8080, timeout=5) as connection:
            connection.settimeout(10)
            connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
            return connection.recv(64).startswith(b"HTTP/1.0 200")
    except (EngineError, OSError):
        return False


def test_kills_at_random_moments_leave_exact_logs_and_the_server_answers(
    owner,
    workers,
):
    dice = random.Random(20261125)
    worker = workers()
    sandbox = readiness.wait_until_running(creating.create_sandbox(owner))
    server = commands.run(sandbox, "python3", ["-c", SERVER], background=True)
    until(lambda: answers(sandbox))
    exact = 0
    taken_over = 0
    for number in range(KILLS):
        script = COUNT.format(seed=number, lines=LINES)
        command = commands.run(sandbox, "python3", ["-c", script])
        if number % 3:
            until(lambda command=command: log_size(command) > 0)
        time.sleep(dice.random() * 1.5)
        command.refresh_from_db()
        taken_over += not command.is_finished
        worker.send_signal(signal.SIGKILL)
        worker.wait(10)
        worker = workers()
        command = commands.wait(command, 60)
        assert command.outcome == "exit 0"
        for stream in (1, 2):
            assert log_of(command, stream) == expected(stream), (number, stream)
        assert command.log_size == sum(len(expected(stream)) for stream in (1, 2))
        assert answers(sandbox), number
        exact += 1
    server.refresh_from_db()
    print(f"\n{KILLS} kills: {exact} exact logs, {taken_over} of the commands still ran; "
          f"the server answered after each and is {server.status}")  # fmt: skip
    assert (exact, server.status) == (KILLS, "running")
    assert taken_over > KILLS // 2
