"""Programs that know no proxy reach what the policy allows, and hear why where it does not."""

from __future__ import annotations

import asyncio

from tests.fixtures.waiting import until_async
from tests.sandboxes.egress.town import echo, mirror
from tests.sandboxes.link.street import Street

TALK = """
import socket, sys
with socket.create_connection((sys.argv[1], int(sys.argv[2])), 10) as s:
    s.sendall(sys.argv[3].encode("latin-1")); s.shutdown(socket.SHUT_WR)
    said = b""
    while data := s.recv(65536): said += data
print(said.decode("latin-1"), end="")
"""
PAGE = "GET /page HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n"
SECURE = """
import socket, ssl, sys
context = ssl.create_default_context(cadata=sys.stdin.read())
name = sys.argv[3] if len(sys.argv) > 3 else sys.argv[1]
try:
    with socket.create_connection((sys.argv[1], int(sys.argv[2])), 10) as s:
        with context.wrap_socket(s, server_hostname=name) as t:
            t.sendall(b"GET /page HTTP/1.1\\r\\nHost: %s\\r\\n\\r\\n" % name.encode())
            print(t.recv(65536).decode())
except OSError as error:
    print(type(error).__name__, error)
"""


async def banner(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-town\r\n")
    await writer.drain()
    writer.close()


async def test_a_socket_reaches_an_allowed_host_by_its_name(street: Street):
    port = await street.town.site("db.test", echo)
    await street.open()
    assert await street.python(TALK, "db.test", str(port), "\0hello") == "\0hello"
    await until_async(lambda: ("db.test", port) in street.allowed())


async def test_a_host_that_speaks_first_is_heard(street: Street):
    port = await street.town.site("git.test", banner)
    await street.open()
    assert "SSH-2.0-town" in await street.python(TALK, "git.test", str(port), "")


async def test_plain_http_is_read_and_passed_on(street: Street):
    port = await street.town.site("web.test", mirror)
    await street.open()
    said = await street.python(TALK, "web.test", str(port), PAGE.format(f"web.test:{port}"))
    assert said.startswith("HTTP/1.1 200")


async def test_plain_http_for_another_host_is_refused_in_words(street: Street):
    port = await street.town.site("web.test", mirror)
    await street.open()
    said = await street.python(TALK, "web.test", str(port), PAGE.format("other.test"))
    assert said.startswith("HTTP/1.1 421")


async def test_a_host_outside_the_policy_is_refused_in_a_sentence(street: Street):
    await street.open()
    said = await street.python(TALK, "elsewhere.test", "80", PAGE.format("elsewhere.test"))
    assert said.startswith("HTTP/1.1 403")
    assert 'elsewhere.test:80 is not allowed by the network policy "registries"' in said
    await until_async(lambda: ("elsewhere.test", 80, "not in the policy") in street.refusals())
    assert not street.town.lookups  # nobody outside hears of a name that is not allowed


async def test_tls_to_a_host_outside_the_policy_gets_an_alert(street: Street):
    await street.open()
    said = await street.python(SECURE, "elsewhere.test", "443")
    assert "alert access denied" in said
    await until_async(lambda: ("elsewhere.test", 443, "not in the policy") in street.refusals())
