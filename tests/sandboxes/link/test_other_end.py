"""The other end of an interface: few descriptors, ports when they are wanted, a strict network."""

from __future__ import annotations

import asyncio
import ctypes
import fcntl
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sandboxes.engine import Engine
from sandboxes.engine.egress.authority import load_or_make
from sandboxes.engine.egress.spawning import ProxySettings
from sandboxes.engine.egress.supervised import SupervisedProxy
from sandboxes.engine.link import ends, opening, ports
from tests.fixtures.waiting import until_async
from tests.sandboxes.engine.boxes import Box
from tests.sandboxes.link.street import TALK

SIOCGSKNS = 0x894C
ADDRESS = "192.0.2.9"
NAMED = [7000 + number for number in range(ends.MORE_PORTS)]


@pytest.fixture
def box(full: Engine, start: Callable[..., Box]) -> Box:
    return start(full)


@pytest.fixture
def link(box: Box) -> Iterator[list[socket.socket]]:
    sockets = opening.open_link(box.handle)
    yield sockets
    for sock in sockets:
        sock.close()


@pytest.fixture
async def proxy(tmp_path: Path) -> AsyncIterator[SupervisedProxy]:
    settings = ProxySettings(*load_or_make(tmp_path / "authority"))
    proxy = SupervisedProxy(settings, lambda *_: None, lambda *_: None)
    yield proxy
    await proxy.close()


def allowing(*named: int) -> dict[str, Any]:
    return {"mode": "custom", "allow": {f"{ADDRESS}:{port}": [] for port in named}}


def test_one_that_nobody_uses_takes_few_descriptors(link: list[socket.socket]):
    assert len(link) <= 14


def test_further_ports_take_what_connects_there(box: Box, link: list[socket.socket]):
    opened = ports.listen(link, NAMED)
    assert sorted(opened) == NAMED
    try:
        box.run("python3", "-c", "import socket; socket.create_connection(('9.9.9.9', 7031), 9)")
        taken, _ = opened[7031].accept()
        with taken:
            assert taken.getsockname() == ("9.9.9.9", 7031)
    finally:
        for sock in opened.values():
            sock.close()


def test_making_them_shows_as_no_attempt_of_a_program(link: list[socket.socket]):
    for sock in ports.listen(link, NAMED).values():
        sock.close()
    link[ends.TCP_GREETINGS].setblocking(False)
    with pytest.raises(BlockingIOError):
        link[ends.TCP_GREETINGS].recv(128)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root enters the network of a socket")
def test_whatever_the_machine_has_set_that_network_is_strict(link: list[socket.socket]):
    here = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    there = fcntl.ioctl(link[0], SIOCGSKNS)
    libc = ctypes.CDLL(None)
    try:
        assert libc.setns(there, 0) == 0
        inside = Path("/proc/sys/net")
        found = {
            name: (inside / family / "conf" / "in0" / name).read_text().strip()
            for family, name in (
                ("ipv4", "forwarding"), ("ipv4", "route_localnet"), ("ipv4", "accept_local"),
                ("ipv6", "disable_ipv6"),
            )
            if (inside / family).exists()
        }  # fmt: skip
    finally:
        libc.setns(here, 0)
        os.close(here)
        os.close(there)
    strict = {"forwarding": "0", "route_localnet": "0", "accept_local": "0", "disable_ipv6": "1"}
    assert found == {name: strict[name] for name in found}


async def test_the_proxy_is_not_started_by_the_ports_that_a_policy_names(
    box: Box, proxy: SupervisedProxy
):
    await serve(proxy, box, allowing(7000))
    await proxy.change("box", allowing(*NAMED))
    await asyncio.sleep(0)
    assert proxy.pid is None


@pytest.mark.usefixtures("clean_interpreter")
async def test_a_port_that_a_proxy_had_opened_is_there_after_its_end(
    box: Box, proxy: SupervisedProxy
):
    """What connects there is taken, and told that the address is not public."""

    async def code(port: int) -> int | None:
        talk = ("python3", "-c", TALK, ADDRESS, str(port), "\1")
        ended, *_ = await asyncio.to_thread(box.run, *talk)
        return ended.code

    await serve(proxy, box, allowing(7000))
    assert await code(7000) == 0
    await until_async(lambda: proxy.serves("box") and proxy.pid is not None)
    await proxy.change("box", allowing(7001))
    assert await code(7001) == 0
    died = proxy.pid
    assert died is not None
    os.kill(died, signal.SIGKILL)
    await until_async(lambda: proxy.pid not in (None, died))
    assert await code(7001) == 0
    assert await code(7002) == 1


async def serve(proxy: SupervisedProxy, box: Box, policy: dict[str, Any]) -> None:
    listener = await asyncio.to_thread(box.agent.listen, 3128)
    link = await asyncio.to_thread(opening.open_link, box.handle)
    await proxy.serve("box", listener, policy, link)
