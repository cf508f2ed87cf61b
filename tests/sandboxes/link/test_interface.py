"""The interface of a sandbox: whose it is, and which ports lie at its other end."""

from __future__ import annotations

import asyncio
import os
import resource
from dataclasses import replace
from pathlib import Path

import pytest

from sandboxes.engine import EngineError
from sandboxes.engine.egress.policy import parse
from sandboxes.engine.link import opening
from tests.fixtures.waiting import until_async
from tests.sandboxes.egress.town import echo
from tests.sandboxes.link.street import TALK, Street, own_address


async def test_a_port_that_a_new_policy_names_works_at_once(street: Street):
    port = await street.town.site("late.test", echo)
    await street.open("deny-all")
    policy = {"mode": "custom", "allow": {f"late.test:{port}": []}}
    await street.town.gateway.change("box", parse(policy))
    assert await street.python(TALK, "late.test", str(port), "\1hello") == "\1hello"


async def test_an_app_of_the_sandbox_has_every_port_of_its_own(street: Street):
    """Where the way out listens, too: that is elsewhere."""
    await street.open("internet")
    script = """
import socket
for family, host in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
    for port in (3000, 5432, 8080, 8443):
        with socket.create_server((host, port), family=family): pass
print("free")
"""
    assert await street.python(script) == "free"


async def test_the_way_out_is_no_port_of_the_sandbox(street: Street):
    await street.open("internet")
    assert [port for port in street.box.agent.ports() if port != 3128] == []


async def test_an_interface_that_is_made_again_works(street: Street):
    """As after the end of the worker that held the other end."""
    port = await street.town.site("db.test", echo)
    await street.open()
    await street.town.gateway.drop("box")
    await street.open()
    assert await street.python(TALK, "db.test", str(port), "\1hello") == "\1hello"


class EveryAddress:
    """In place of the check of addresses: here the only host to be had is this machine."""

    def refusal(self, _: object, *, trusted: bool = False) -> str:
        return ""


async def test_an_unusual_port_of_an_allowed_range_is_open_from_the_second_attempt(street: Street):
    address = own_address()
    port = await street.town.site("far.test", echo, address=address)
    street.town.gateway.dialler.check = EveryAddress()
    await street.open({"mode": "custom", "subnets": {"allow": [f"{address}/32"]}})
    code, said = await street.run("python3", "-c", TALK, address, str(port), "\1hello")
    assert (code, "ConnectionRefusedError" in said) == (1, True)
    await until_async(lambda: any("try again" in why for _, _, why in street.refusals()))
    assert await street.python(TALK, address, str(port), "\1hello") == "\1hello"


async def test_ports_of_an_allowed_range_do_not_use_up_what_names_need(street: Street):
    await street.open({"allow": ["late.test:7777"], "subnets": {"allow": ["203.0.113.0/24"]}})
    script = """
import socket
for port in range(40000, 40100):
    try: socket.create_connection(("203.0.113.7", port), 10)
    except ConnectionRefusedError: pass
"""
    await street.python(script)
    policy = {"allow": ["late.test:7778"], "subnets": {"allow": ["203.0.113.0/24"]}}
    await street.town.gateway.change("box", parse(policy))
    assert {7777, 7778} <= street.listening()


async def test_no_interface_is_made_of_descriptors_that_commands_need(street: Street):
    most = resource.getrlimit(resource.RLIMIT_NOFILE)
    used = len(os.listdir("/proc/self/fd"))
    resource.setrlimit(resource.RLIMIT_NOFILE, (2 * used - 4, most[1]))
    try:
        with pytest.raises(EngineError, match="half of the"):
            opening.open_link(street.box.handle)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, most)


@pytest.mark.parametrize("change", [{"pid": os.getpid()}, {"pid_started": 1}, {"boot_id": "x"}])
async def test_only_the_sandbox_itself_gets_an_interface(street: Street, change: dict[str, object]):
    """Not whoever has its number after its end, least of all this machine."""
    before = Path("/proc/net/dev").read_text().count(":")
    with pytest.raises(EngineError, match="is over"):
        await asyncio.to_thread(opening.open_link, replace(street.box.handle, **change))
    assert Path("/proc/net/dev").read_text().count(":") == before
    assert "eth0" not in await asyncio.to_thread(street.box.shell, "cat /proc/net/dev")
