"""Programs that know no proxy reach what the policy allows, and hear why where it does not."""

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
from tests.sandboxes.egress.town import echo, mirror
from tests.sandboxes.engine.boxes import exit_of, read_until
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
import http.client, socket, ssl, sys
context = ssl.create_default_context(cafile="trusted.pem")
name = sys.argv[3] if len(sys.argv) > 3 else sys.argv[1]
try:
    with socket.create_connection((sys.argv[1], int(sys.argv[2])), 10) as s:
        with context.wrap_socket(s, server_hostname=name) as t:
            t.sendall(b"GET /page HTTP/1.1\\r\\nHost: %s\\r\\n\\r\\n" % name.encode())
            answer = http.client.HTTPResponse(t)
            answer.begin()
            print(answer.status, answer.read().decode())
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
    assert await street.python(TALK, "db.test", str(port), "\1hello") == "\1hello"
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


async def test_tls_passes_untouched_to_the_host_that_it_names(street: Street):
    port = await street.town.site("safe.test", mirror, tls=True)
    await street.open()
    said = await street.python(SECURE, "safe.test", str(port))
    assert said.startswith("200 ")


async def test_tls_that_names_a_neighbour_of_the_host_is_refused(street: Street):
    port = await street.town.site("safe.test", mirror, tls=True)
    await street.open()
    said = await street.python(SECURE, "safe.test", str(port), "neighbour.test")
    assert "GET /page" not in said
    why = "asked for in a tunnel to safe.test"
    await until_async(lambda: ("neighbour.test", port, why) in street.refusals())


async def test_a_rule_puts_its_headers_in(street: Street):
    port = await street.town.site("api.test", mirror, tls=True)
    rule = {"transform": [{"headers": {"x-key": "from-the-rule"}}]}
    await street.open({"allow": {f"api.test:{port}": [rule]}})
    said = await street.python(SECURE, "api.test", str(port))
    assert "x-key: from-the-rule" in said


async def test_a_rule_answers_itself(street: Street):
    canned = {"response": {"statusCode": 418, "body": "short and stout"}}
    await street.open({"allow": {"tea.test:8443": [canned]}})
    street.town.names["tea.test"] = ["127.0.0.1"]
    assert "short and stout" in await street.python(SECURE, "tea.test", "8443")


async def test_a_port_that_a_new_policy_names_works_at_once(street: Street):
    port = await street.town.site("late.test", echo)
    await street.open("deny-all")
    policy = {"mode": "custom", "allow": {f"late.test:{port}": []}}
    await street.town.gateway.change("box", parse(policy))
    assert await street.python(TALK, "late.test", str(port), "\1hello") == "\1hello"


async def test_a_change_of_policy_ends_what_it_forbids(street: Street):
    port = await street.town.site("db.test", echo)
    await street.open()
    script = TALK.replace("s.shutdown(socket.SHUT_WR)", "s.recv(1); print('open', flush=True)")
    command = await asyncio.to_thread(
        street.box.begin, "python3", "-c", script, "db.test", str(port), "\1\1"
    )
    with command:
        await asyncio.to_thread(read_until, command.stdout, b"open")
        assert await street.town.gateway.change("box", parse("deny-all")) == 1
        ended = await asyncio.to_thread(exit_of, command)
    assert ended.code == 0


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


async def test_an_unusual_port_of_an_allowed_range_is_open_from_the_second_attempt(street: Street):
    await street.open({"mode": "custom", "subnets": {"allow": ["203.0.113.0/24"]}})
    script = """
import socket
try: socket.create_connection(("203.0.113.7", 4444), 10)
except ConnectionRefusedError: print("refused")
"""
    assert await street.python(script) == "refused"
    await until_async(lambda: any("try again" in why for _, _, why in street.refusals()))
    assert 4444 in street.listening()


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


async def test_mysql_hears_an_error_of_its_own_protocol(street: Street):
    await street.open()
    said = await street.python(TALK, "db.test", "3306", "")
    assert said[4:7] == "\xff\x6a\x04"  # an error, number 1130
    assert "is not allowed by the network policy" in said


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


async def test_the_end_of_a_long_answer_arrives(street: Street):
    """Also when the program reads it slowly, and the host has hung up long before."""
    sent = b"x" * 3_000_000

    async def host(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"\1" + sent)
        await writer.drain()
        writer.close()

    port = await street.town.site("big.test", host)
    await street.open()
    script = """
import socket, sys
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
s.connect((sys.argv[1], int(sys.argv[2])))
count = 0
while data := s.recv(1000): count += len(data)
print(count)
"""
    assert await street.python(script, "big.test", str(port)) == str(1 + len(sent))
