"""WebSockets through a real Daphne: what has killed them before, and who may open them."""

from __future__ import annotations

import asyncio
import json
import struct

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.benchmarks.memory import resident_mb
from tests.fixtures.platform import Client, Platform
from tests.fixtures.running import log_socket
from tests.fixtures.waiting import until, until_async

pytestmark = pytest.mark.slow
HEADER = struct.Struct(">QBQ")
LARGEST = 256 * 1024


@pytest.fixture(scope="module")
def sandbox(program: Client) -> str:
    found = program("POST", "sandboxes", {})["id"]
    until(lambda: program("GET", f"sandboxes/{found}")["status"] == "running")
    return found


@pytest.fixture
def run(program: Client, sandbox: str):
    started: list[str] = []

    def start(script: str) -> str:
        body = {"command": "sh", "args": ["-c", script]}
        started.append(program("POST", f"sandboxes/{sandbox}/commands", body)["id"])
        return started[-1]

    yield start
    for command in started:
        program("POST", f"commands/{command}/stop")


async def read_all(socket) -> tuple[bytes, dict]:
    data = b""
    async for frame in socket:
        if isinstance(frame, str):
            return data, json.loads(frame)
        offset, _, _ = HEADER.unpack_from(frame)
        assert offset == len(data)
        data += frame[HEADER.size :]
    raise AssertionError("closed without an end")


async def test_who_does_not_read_takes_no_memory_and_loses_nothing(
    platform: Platform, program: Client, run, cookie
):
    """It watches from the start, reads nothing while 24 MB go by, and then has them all."""
    size = 24 * 1024 * 1024
    web = platform.child("daphne")
    before = resident_mb(web)
    command = run(f"head -c {size} /dev/zero | tr '\\0' x")
    async with log_socket(platform, command, cookie, max_queue=1) as socket:
        url = f"commands/{command}"
        await until_async(lambda: program("GET", url)["status"] == "finished")
        # The hub keeps 8 MiB for one watcher before that one has to go back to the rows.
        assert resident_mb(web) - before < 16
        data, end = await read_all(socket)
    assert (len(data), data.count(b"x"), end["outcome"]) == (size, size, "exit 0")


async def test_who_reads_late_still_gets_the_end(
    platform: Platform, program: Client, sandbox: str, run, cookie
):
    """All has been sent and the socket closed seconds before he reads."""
    size = 2 * 1024 * 1024
    command = run(f"head -c {size} /dev/zero | tr '\\0' x")
    async with log_socket(platform, command, cookie, max_queue=1) as late:
        async with log_socket(platform, command, cookie) as prompt:
            await read_all(prompt)
        waits = {"command": "sleep", "args": ["3"], "wait": 20}
        await asyncio.to_thread(program, "POST", f"sandboxes/{sandbox}/commands", waits)
        data, end = await read_all(late)
    assert (len(data), end["outcome"]) == (size, "exit 0")


async def test_a_socket_lives_through_seven_silent_seconds(platform: Platform, run, cookie):
    command = run("sleep 7; echo after the silence")
    async with log_socket(platform, command, cookie) as socket:
        data, end = await read_all(socket)
    assert (data, end["outcome"]) == (b"after the silence\n", "exit 0")


async def test_120_sockets_watch_one_command(platform: Platform, run, cookie):
    command = run("sleep 3; for i in 1 2 3 4 5; do echo $i; sleep 0.1; done")

    async def watch() -> bytes:
        async with log_socket(platform, command, cookie) as socket:
            return (await read_all(socket))[0]

    assert await asyncio.gather(*(watch() for _ in range(120))) == [b"1\n2\n3\n4\n5\n"] * 120


async def test_a_burst_comes_in_frames_of_at_most_256_kib(platform: Platform, run, cookie):
    command = run("yes 0123456789abcdef | head -c 8000000")
    async with log_socket(platform, command, cookie, max_size=LARGEST) as socket:
        data, end = await read_all(socket)
    assert (len(data), end["log_size"]) == (8_000_000, 8_000_000)


async def test_a_reader_that_comes_back_goes_on_at_its_byte(platform: Platform, run, cookie):
    command = run("for i in $(seq 1 200); do echo line $i; sleep 0.01; done")
    data = b""
    ended = False
    while not ended:
        async with log_socket(platform, command, cookie, after=len(data)) as socket:
            for _ in range(3):
                frame = await socket.recv()
                if isinstance(frame, str):
                    ended = True
                    break
                offset, _, _ = HEADER.unpack_from(frame)
                assert offset == len(data)
                data += frame[HEADER.size :]
    assert data == "".join(f"line {i}\n" for i in range(1, 201)).encode()


async def test_a_stranger_is_told_to_sign_in(platform: Platform, run):
    async with log_socket(platform, run("true"), "no-session") as socket:
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
    assert closed.value.rcvd.code == 4401


async def test_the_command_of_nobody_is_not_found(platform: Platform, cookie):
    async with log_socket(platform, "cmd_of_somebody_else", cookie) as socket:
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
    assert closed.value.rcvd.code == 4404


async def test_a_page_of_another_origin_cannot_open_a_socket(platform: Platform, run, cookie):
    command = run("true")
    preview = f"http://{platform.preview('a' * 20)}"
    for origin in ("http://evil.example", preview, "null"):
        with pytest.raises(InvalidStatus):
            async with log_socket(platform, command, cookie, origin=origin):
                pass
