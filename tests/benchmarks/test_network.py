"""A connection out of a sandbox by a program that knows no proxy, beside one that knows it."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandboxes.engine import ExecSpec, SandboxSpec, levels
from sandboxes.engine.egress.authority import load_or_make
from sandboxes.engine.egress.registries import Registry
from sandboxes.engine.egress.spawning import ProxySettings
from sandboxes.engine.egress.supervised import SupervisedProxy
from sandboxes.engine.link import opening
from tests.sandboxes.engine.boxes import drain
from tests.sandboxes.link.street import own_address

pytestmark = pytest.mark.benchmark
ROUNDS, MEGABYTES = 300, 400
# Both sides of the sandbox: what it measures it prints, as numbers.
PROGRAM = """
import socket, sys, time
host, port, by_proxy = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "proxy"
rounds, megabytes = int(sys.argv[4]), int(sys.argv[5])
def connect():
    if not by_proxy:
        return socket.create_connection((host, port))
    s = socket.create_connection(("127.0.0.1", 3128))
    s.sendall(f"CONNECT {host}:{port} HTTP/1.1\\r\\nHost: {host}:{port}\\r\\n\\r\\n".encode())
    answer = b""
    while not answer.endswith(b"\\r\\n\\r\\n"): answer += s.recv(1)
    assert b" 200 " in answer, answer
    return s
def once(amount):
    with connect() as s:
        s.sendall(b"\\1%d\\n" % amount)
        left = amount
        while left and (data := s.recv(1 << 18)): left -= len(data)
        assert not left
once(1)
for _ in range(rounds):
    start = time.perf_counter(); once(1); print(time.perf_counter() - start)
start = time.perf_counter(); once(megabytes << 20); print(time.perf_counter() - start)
"""


@pytest.fixture
def far_host() -> Iterator[tuple[str, int]]:
    """A host that sends as many bytes as it is asked for, on an address of this machine."""
    address = own_address()
    server = socket.create_server((address, 0), backlog=512)
    block = bytes(1 << 18)

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(connection,), daemon=True).start()

    def answer(connection: socket.socket) -> None:
        with connection:
            asked = b""
            while not asked.endswith(b"\n"):
                asked += connection.recv(100)
            left = int(asked[1:])
            while left:
                left -= connection.send(block[: min(left, len(block))])

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield address, server.getsockname()[1]
    server.shutdown(socket.SHUT_RDWR)
    server.close()


async def measured(
    box_directory: Path, place: tuple[str, int], directory: Path
) -> dict[str, list[float]]:
    engine = levels.choose(allow_unisolated=False, allow_reduced=False)
    uid = 299_200 if os.geteuid() == 0 else None
    (box_directory / "run").mkdir()
    spec = SandboxSpec(
        name="net", root=box_directory / "net", run_dir=box_directory / "run", uid=uid
    )
    handle = await asyncio.to_thread(engine.start, spec)
    host, port = place
    proxy = SupervisedProxy(
        ProxySettings(*load_or_make(directory), (f"{host}/32",)), lambda *_: None, lambda *_: None
    )
    try:
        agent = engine.agent(handle)
        listener = await asyncio.to_thread(agent.listen, 3128)
        link = await asyncio.to_thread(opening.open_link, handle)
        await proxy.serve("net", listener, {"mode": "registries"}, link)
        await proxy.set_registries([Registry(f"{host}:{port}", "bench", trusted=True)])

        def run(way: str) -> list[float]:
            words = [host, str(port), way, str(ROUNDS), str(MEGABYTES)]
            command = ExecSpec(way, ["python3", "-c", PROGRAM, *words])
            with agent.exec(command) as running:
                return [float(line) for line in drain(running.stdout).split()]

        return {way: await asyncio.to_thread(run, way) for way in ("proxy", "direct")}
    finally:
        await proxy.close()
        engine.kill(handle)


def test_a_connection_out(far_host, tmp_path, table):
    tmp_path.chmod(0o711)
    found = asyncio.run(measured(tmp_path, far_host, tmp_path / "authority"))
    (*direct, took), (*proxied, took_by_proxy) = found["direct"], found["proxy"]
    path = "connection out of a sandbox → first byte, no proxy variable"
    table.times(path, "≤ 1 ms more than bare", direct, "by the proxy", proxied)
    gigabits = MEGABYTES * 8 * 1024 * 1024 / 1e9
    path = "bytes out of a sandbox, no proxy variable"
    table.compare(path, gigabits / took, "Gbit/s", "by the proxy", gigabits / took_by_proxy,
                  bar="≥ 1 Gbit/s")  # fmt: skip


def test_an_interface_of_its_own(tmp_path, table):
    """What it adds to the start of a sandbox."""
    engine = levels.choose(allow_unisolated=False, allow_reduced=False)
    (tmp_path / "run").mkdir()
    times: dict[bool, list[float]] = {True: [], False: []}
    for number in range(30):
        link = bool(number % 2)
        uid = 299_300 + number if os.geteuid() == 0 else None
        spec = SandboxSpec(
            name=f"link{number}", root=tmp_path / str(number), run_dir=tmp_path / "run", uid=uid,
            link=link,
        )  # fmt: skip
        start = time.perf_counter()
        handle = engine.start(spec)
        sockets = opening.open_link(handle) if link else []
        times[link].append(time.perf_counter() - start)
        engine.kill(handle)
        for sock in sockets:
            sock.close()
    table.times("start of a sandbox with its interface", "≤ 1 ms more", times[True],
                "without", times[False])  # fmt: skip
