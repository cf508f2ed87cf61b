"""Programs that know no proxy reach what the policy allows, and hear why where it does not."""

from __future__ import annotations

import asyncio

from sandboxes.engine.egress.login import Login
from sandboxes.engine.egress.policy import parse
from tests.fixtures.waiting import until_async
from tests.sandboxes.egress.town import echo, mirror
from tests.sandboxes.engine.boxes import exit_of, read_until
from tests.sandboxes.link.street import PAGE, SECURE, TALK, Street


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


async def test_an_address_outside_the_allowed_ranges_is_refused(street: Street):
    await street.open({"mode": "custom", "subnets": {"allow": ["203.0.113.0/24"]}})
    said = await street.python(TALK, "198.51.100.7", "80", PAGE.format("198.51.100.7"))
    assert said.startswith("HTTP/1.1 403")


async def test_credentials_of_a_registry_are_put_in_at_the_last_hop(street: Street):
    port = await street.town.site("index.test", mirror, tls=True)
    login = Login("https", "index.test", port, "/page", "Basic b3BlcmF0b3I6Y2FuYXJ5")
    street.town.trust(f"index.test:{port}", logins=(login,))
    await street.open()
    said = await street.python(SECURE, "index.test", str(port))
    assert "authorization: Basic b3BlcmF0b3I6Y2FuYXJ5" in said


async def test_mysql_hears_an_error_of_its_own_protocol(street: Street):
    await street.open()
    said = await street.python(TALK, "db.test", "3306", "")
    assert said[4:7] == "\xff\x6a\x04"  # an error, number 1130
    assert "is not allowed by the network policy" in said


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


async def test_addresses_have_the_names_that_they_stand_for(street: Street):
    street.town.names["good.test"] = ["203.0.113.7"]
    await street.open("internet")
    script = """
import socket
print(socket.gethostbyaddr(socket.gethostbyname("good.test"))[0])
print(socket.gethostbyaddr("198.18.0.2")[0])
try: socket.gethostbyaddr("203.0.113.7")
except OSError: print("unknown")
"""
    assert (await street.python(script)).split() == ["good.test", "sandbox", "unknown"]


async def test_names_of_the_sandbox_itself_lead_to_itself(street: Street):
    await street.open()
    script = """
import socket
for name in ("localhost", "app.localhost", "sandbox"):
    print(name, sorted({entry[4][0] for entry in socket.getaddrinfo(name, 80)})[0])
"""
    said = await street.python(script)
    assert [line.split()[1] for line in said.splitlines()] == ["127.0.0.1"] * 3


async def test_a_name_that_could_be_allowed_and_does_not_exist_is_unknown(street: Street):
    await street.open("internet")
    script = "import socket; print(socket.gethostbyname('nowhere.test'))"
    code, said = await street.run("python3", "-c", script)
    assert (code, "gaierror" in said) == (1, True)
