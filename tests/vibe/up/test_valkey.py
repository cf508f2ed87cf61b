from __future__ import annotations

import socket
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from tests.fixtures.waiting import until
from vibe.up import valkey


class Server:
    def __init__(self, unix_socket: Path, directory: Path) -> None:
        self.unix_socket = unix_socket
        self.argv = valkey.command(valkey.find_binary(), unix_socket, directory)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(self.argv, stdout=subprocess.DEVNULL)
        until(lambda: self.process.poll() is not None or valkey.answers(self.unix_socket))
        assert self.process.poll() is None

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(5)

    def client(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=str(self.unix_socket))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "redis.sock", tmp_path / "redis")
    try:
        server.start()
        yield server
    finally:
        server.kill()


def test_what_was_written_survives_a_kill(server: Server) -> None:
    server.client().set("kept", "yes")
    # Once in the file, a killed process cannot take it back; fsync matters to a power cut alone.
    server.kill()

    server.start()

    assert server.client().get("kept") == b"yes"


def test_a_torn_end_of_the_append_only_file_does_not_keep_it_from_starting(
    server: Server, tmp_path: Path
) -> None:
    server.client().set("kept", "yes")
    server.kill()
    (log,) = (tmp_path / "redis" / "appendonlydir").glob("*.incr.aof")
    with log.open("ab") as end:
        end.write(b"*3\r\n$3\r\nSET\r\n$4\r\nto")

    server.start()

    assert server.client().get("kept") == b"yes"


def test_it_listens_on_no_tcp_port(server: Server) -> None:
    assert server.client().execute_command("CONFIG", "GET", "port") in (
        {b"port": b"0"},
        {"port": "0"},
    )


def test_only_its_owner_may_use_the_socket(server: Server) -> None:
    assert stat.S_IMODE(server.unix_socket.stat().st_mode) == 0o700


def test_it_refuses_writes_rather_than_forget_when_memory_is_short(server: Server) -> None:
    client = server.client()
    client.config_set("maxmemory", client.info("memory")["used_memory"] + 2_000_000)
    with pytest.raises(redis.exceptions.OutOfMemoryError):
        for number in range(100):
            client.set(f"key{number}", "x" * 100_000)
    assert client.get("key0") is not None


def test_nothing_answers_where_no_server_is(tmp_path: Path) -> None:
    assert valkey.answers(tmp_path / "none.sock") is False


def test_a_socket_that_accepts_and_says_nothing_does_not_answer(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as mute:
        mute.bind(str(tmp_path / "mute.sock"))
        mute.listen(1)
        assert valkey.answers(tmp_path / "mute.sock", timeout=0.2) is False


def test_a_socket_path_that_is_too_long_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="107 bytes"):
        valkey.command(Path("/bin/true"), tmp_path / ("x" * 120), tmp_path / "redis")


def test_without_any_server_the_message_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(valkey, "_bundled", lambda: None)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(valkey.ValkeyMissing, match="apt install valkey-server"):
        valkey.find_binary()


def test_without_the_bundled_server_one_on_the_path_is_taken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "redis-server"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setattr(valkey, "_bundled", lambda: None)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert valkey.find_binary() == program
