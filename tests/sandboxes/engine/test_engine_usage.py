"""What a sandbox uses, as the kernel counts it."""

from __future__ import annotations

from sandboxes.engine import usage
from tests.fixtures.waiting import until
from tests.sandboxes.engine.boxes import read_until


def test_work_shows_as_processor_time(box):
    before = usage.read(box.handle)
    with box.begin("sh", "-c", "while :; do :; done") as command:
        until(lambda: usage.read(box.handle).cpu_seconds > before.cpu_seconds + 0.3)
        box.agent.signal(command.command, 9)


def test_what_a_program_holds_shows_as_memory(box):
    before = usage.read(box.handle).memory_bytes
    script = "held = bytearray(b'x' * 50_000_000); print('held', flush=True); input()"
    with box.begin("python3", "-c", script, stdin=True) as command:
        read_until(command.stdout, b"held")
        assert usage.read(box.handle).memory_bytes > before + 45_000_000


def test_bytes_over_the_own_network_are_counted(isolated):
    before = usage.read(isolated.handle).network_bytes
    isolated.shell(
        "python3 -c \"import socket; s=socket.create_server(('127.0.0.1', 4000));"
        "c=socket.create_connection(('127.0.0.1', 4000)); c.sendall(bytes(10000))\""
    )
    assert usage.read(isolated.handle).network_bytes >= before + 10_000


def test_a_sandbox_that_has_ended_uses_nothing(box):
    box.engine.kill(box.handle)
    assert usage.read(box.handle) is None
