"""Hostile code and the interface of its sandbox: the way out that needs no proxy."""

from __future__ import annotations

import asyncio

import pytest

from tests.fixtures.waiting import until_async
from tests.sandboxes.egress.town import echo, mirror
from tests.sandboxes.engine.boxes import exit_of, read_until
from tests.sandboxes.engine.conftest import rooted, start, top
from tests.sandboxes.link.conftest import full, street
from tests.sandboxes.link.street import Street

__all__ = ["full", "rooted", "start", "street", "top"]

GET = """
import socket, sys
try:
    with socket.create_connection((sys.argv[1], int(sys.argv[2])), 10) as s:
        head = f"GET / HTTP/1.1\\r\\nHost: {sys.argv[1]}\\r\\nConnection: close\\r\\n\\r\\n"
        s.sendall(head.encode())
        print(s.makefile("rb").read().decode("latin-1"))
except OSError as error:
    print(type(error).__name__, error)
"""
NOT_PUBLIC = {
    "127.0.0.1": "an address of this machine", "10.0.0.1": "a private address",
    "192.168.1.1": "a private address", "100.64.0.1": "a private address",
    "169.254.169.254": "a metadata service of a cloud", "198.18.0.1": "a reserved address",
    "::1": "an address of this machine", "::ffff:127.0.0.1": "an address of this machine",
    "64:ff9b::a00:1": "a private address", "64:ff9b::a9fe:a9fe": "a metadata service of a cloud",
    "fd00::1": "a private address", "2002:7f00:1::": "a reserved address",
}  # fmt: skip


@pytest.mark.parametrize("address", NOT_PUBLIC)
async def test_a_name_that_leads_to_no_public_address_is_refused(street: Street, address: str):
    street.town.names["trap.test"] = [address]
    await street.open("internet")
    said = await street.python(GET, "trap.test", "80")
    assert f"trap.test leads to {NOT_PUBLIC[address]}" in said


async def test_a_name_that_has_changed_its_mind_is_looked_at_again(street: Street):
    """It led to a public address when the program asked."""
    street.town.names["turn.test"] = ["203.0.113.7"]
    await street.open("internet")
    await street.python("import socket; socket.gethostbyname('turn.test')")
    street.town.names["turn.test"] = ["127.0.0.1"]
    street.town.gateway.dialler.resolver.forget()
    assert "an address of this machine" in await street.python(GET, "turn.test", "80")


@pytest.mark.parametrize("address", ["169.254.169.254", "10.0.0.1", "192.168.1.1", "198.18.9.9"])
async def test_an_address_that_is_not_public_is_refused(street: Street, address: str):
    await street.open("internet")
    assert "HTTP/1.1 403" in await street.python(GET, address, "80")


async def test_an_address_is_refused_where_only_names_are_allowed(street: Street):
    street.town.names["good.test"] = ["203.0.113.7"]
    await street.open({"allow": ["good.test"]})
    said = await street.python(GET, "203.0.113.7", "80")
    assert "203.0.113.7:80 is not allowed" in said


async def test_the_address_of_a_name_that_nobody_asked_for_is_refused(street: Street):
    await street.open("internet")
    assert "stands for no name" in await street.python(GET, "198.19.200.200", "80")


async def test_the_name_server_itself_offers_nothing_else(street: Street):
    await street.open("internet")
    assert "HTTP/1.1 403" in await street.python(GET, "198.18.0.1", "80")


async def test_a_greeting_in_pieces_is_read_whole(street: Street):
    """The name in it may lie across any number of packets."""
    script = """
import socket, ssl, sys, time
memory_in, memory_out = ssl.MemoryBIO(), ssl.MemoryBIO()
context = ssl._create_unverified_context()
tls = context.wrap_bio(memory_in, memory_out, server_hostname=sys.argv[3])
try: tls.do_handshake()
except ssl.SSLWantReadError: pass
s = socket.create_connection((sys.argv[1], int(sys.argv[2])), 10)
s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
for byte in memory_out.read(): s.sendall(bytes([byte]))
print(s.recv(100).hex())
"""
    port = await street.town.site("good.test", mirror, tls=True)
    await street.open()
    assert (await street.python(script, "good.test", str(port), "good.test")).startswith("1603")
    said = await street.python(script, "good.test", str(port), "neighbour.test")
    assert said == "15030300020270"  # an alert: unrecognized name


async def test_a_flood_of_connections_leaves_the_others_alone(street: Street):
    port = await street.town.site("good.test", echo)
    await street.open()
    neighbour = await street.town.open(name="neighbour")
    script = """
import resource, socket, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
held = []
for _ in range(1500):
    s = socket.socket(); s.setblocking(False); s.connect_ex((sys.argv[1], int(sys.argv[2])))
    held.append(s)
print("open", flush=True)
sys.stdin.read()
"""
    words = ("python3", "-c", script, socket_address(street, "good.test"), str(port))
    with await asyncio.to_thread(street.box.begin, *words, stdin=True):
        outlet = street.town.gateway.outlets["box"]
        await until_async(lambda: outlet.connections >= 200)
        status, _, writer = await street.town.tunnel(f"good.test:{port}", neighbour)
        assert " 200 " in status
        writer.close()
        assert outlet.connections <= 256


@pytest.mark.parametrize("kind", ["SOCK_STREAM", "SOCK_DGRAM"])
async def test_a_scan_of_ports_leaves_the_others_alone(street: Street, kind: str):
    port = await street.town.site("good.test", echo)
    await street.open("internet")
    neighbour = await street.town.open(name="neighbour")
    script = """
import socket, sys
print("on", flush=True)
for n in range(1024, 21024):
    s = socket.socket(socket.AF_INET, getattr(socket, sys.argv[1])); s.setblocking(False)
    s.connect_ex(("203.0.113.7", n))
    if sys.argv[1] == "SOCK_DGRAM": s.send(b"x")
    s.close()
"""
    with await asyncio.to_thread(street.box.begin, "python3", "-c", script, kind) as command:
        await asyncio.to_thread(read_until, command.stdout, b"on")
        status, _, writer = await street.town.tunnel(f"good.test:{port}", neighbour)
        assert " 200 " in status
        writer.close()
        assert (await asyncio.to_thread(exit_of, command)).code == 0
    await until_async(lambda: street.refusals())
    assert len(street.town.decisions) < 200


async def test_udp_goes_nowhere_and_it_is_told(street: Street):
    await street.open("internet")
    script = """
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(10)
s.connect(("203.0.113.7", 123)); s.send(b"time")
try: s.recv(100)
except OSError as error: print(type(error).__name__)
"""
    assert await street.python(script) == "ConnectionRefusedError"
    why = "UDP is not carried, only TCP and questions for names"
    await until_async(lambda: ("203.0.113.7", 123, why) in street.refusals())


async def test_a_port_where_nothing_can_be_allowed_is_told(street: Street):
    await street.open("internet")
    assert "ConnectionRefusedError" in await street.python(GET, "203.0.113.7", "4444")
    await until_async(lambda: ("203.0.113.7", 4444, "not in the policy") in street.refusals())


async def test_root_of_the_sandbox_cannot_change_the_interface(street: Street, rooted):
    box = await asyncio.to_thread(rooted)
    rooted_street = Street(street.town, box)
    await rooted_street.open("internet")
    script = """
import fcntl, socket, struct
tries = {
    "down": lambda: fcntl.ioctl(socket.socket(), 0x8914, struct.pack("16sh14x", b"eth0", 0)),
    "address": lambda: fcntl.ioctl(socket.socket(), 0x8916, struct.pack(
        "16sHH4s16x", b"eth0", 2, 0, socket.inet_aton("198.18.0.9"))),
    "raw": lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 6),
    "packet": lambda: socket.socket(17, socket.SOCK_RAW, 0x300),
    "route": lambda: open("/proc/sys/net/ipv4/conf/all/forwarding", "w").write("1"),
}
for name, attempt in tries.items():
    try: attempt(); print(name, "worked")
    except OSError: pass
print("over")
"""
    ended, out, err = await asyncio.to_thread(box.run, "python3", "-c", script, sudo=True)
    assert ended.code == 0, err
    assert out.strip() == "over"


async def test_root_of_the_sandbox_has_the_low_ports_to_itself(street: Street, rooted):
    """Where the way out has its own at 80 and 443."""
    box = await asyncio.to_thread(rooted)
    await Street(street.town, box).open("internet")
    script = """
import socket
for port in (53, 80, 443):
    socket.create_server(("0.0.0.0", port)).close()
print("free")
"""
    ended, out, err = await asyncio.to_thread(box.run, "python3", "-c", script, sudo=True)
    assert (ended.code, out.strip()) == (0, "free"), err


def socket_address(street: Street, name: str) -> str:
    """The address that stands for a name, without a question."""
    return str(street.town.gateway.outlets["box"].book.address_of(name))
