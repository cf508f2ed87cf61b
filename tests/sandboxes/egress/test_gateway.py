"""The proxy on real sockets: what it lets out, what it refuses, and how it says so."""

from __future__ import annotations

import asyncio

import pytest

from tests.fixtures.waiting import until_async
from tests.sandboxes.egress.town import PATIENCE, Town, echo, mirror


async def test_a_tunnel_to_an_allowed_host_carries_bytes_both_ways(town: Town):
    port = await town.site("good.test", echo)
    await town.open()
    status, reader, writer = await town.tunnel(f"good.test:{port}")
    assert " 200 " in status
    writer.write(b"hello" * 100_000)
    writer.write_eof()
    async with asyncio.timeout(PATIENCE):
        assert await reader.read(-1) == b"hello" * 100_000


@pytest.mark.parametrize("target", ["GOOD.Test.:{port}", "gOOd.test:{port}"])
async def test_another_spelling_of_an_allowed_host_is_the_same_host(town: Town, target: str):
    port = await town.site("good.test", echo)
    await town.open()
    status, _, _ = await town.tunnel(target.format(port=port))
    assert " 200 " in status


@pytest.mark.parametrize(
    "target",
    ["other.test:443", "good.test.evil.test:443", "evilgood.test:443", "good.test:25",
     "8.8.8.8:443", "[2001:4860:4860::8888]:443"],
)  # fmt: skip
async def test_a_host_that_is_not_listed_is_refused_with_a_sentence(town: Town, target: str):
    town.trust("good.test")
    town.names = {"other.test": ["8.8.8.8"], "good.test.evil.test": ["8.8.8.8"]}
    await town.open()
    answer = await town.ask(f"CONNECT {target} HTTP/1.1\nHost: x\n\n")
    assert answer.startswith("HTTP/1.1 403 ")
    assert 'not allowed by the network policy "registries"' in answer.splitlines()[0]
    assert "add the host to the sandbox's network policy" in answer
    assert not town.lookups


@pytest.mark.parametrize(
    "target", ["user@good.test:443", "good.test:443@evil.test:443", "good.test", "good.test:0",
               "good.test:99999", "0x7f.1:80", "127.1:80", "[fe80::1%lo]:80", "a b:80"],
)  # fmt: skip
async def test_a_target_that_plays_tricks_is_refused(town: Town, target: str):
    await town.open("internet")
    answer = await town.ask(f"CONNECT {target} HTTP/1.1\nHost: x\n\n")
    assert answer.startswith("HTTP/1.1 400 ")
    assert not town.lookups


@pytest.mark.parametrize(
    "host",
    ["localhost:80", "127.0.0.1:80", "[::1]:80", "[::ffff:127.0.0.1]:80", "169.254.169.254:80",
     "10.0.0.1:443", "[fd00::1]:443", "0.0.0.0:80", "100.64.1.1:80", "rebound.test:80"],
)  # fmt: skip
async def test_no_policy_opens_the_inside(town: Town, host: str):
    town.names = {"localhost": ["127.0.0.1"], "rebound.test": ["::ffff:10.0.0.1"]}
    await town.open({"allow": ["*"], "subnets": {"allow": ["0.0.0.0/0", "::/0"]}})
    answer = await town.ask(f"CONNECT {host} HTTP/1.1\nHost: x\n\n")
    assert answer.startswith("HTTP/1.1 403 ")
    assert "no sandbox may reach" in answer


async def test_a_name_that_changes_its_mind_is_connected_where_it_was_checked(town: Town):
    """DNS rebinding: what a second look-up would say is never asked for."""
    port = await town.site("good.test", echo)
    await town.open()
    status, _, _ = await town.tunnel(f"good.test:{port}")
    assert " 200 " in status
    assert town.lookups == ["good.test"]


async def test_of_several_addresses_only_the_permitted_ones_are_used(town: Town):
    port = await town.site("good.test", echo)
    town.names["good.test"] = ["169.254.169.254", "127.0.0.1"]
    await town.open()
    status, _, _ = await town.tunnel(f"good.test:{port}")
    assert " 200 " in status


async def test_denied_ranges_win_over_allowed_hosts(town: Town):
    port = await town.site("good.test", echo)
    await town.open({"allow": [f"good.test:{port}"], "subnets": {"deny": ["127.0.0.0/8"]}})
    answer = await town.ask(f"CONNECT good.test:{port} HTTP/1.1\nHost: x\n\n")
    assert "policy denies" in answer


async def test_an_unknown_name_is_told_from_a_forbidden_one(town: Town):
    town.trust("gone.test")
    await town.open()
    answer = await town.ask("CONNECT gone.test:443 HTTP/1.1\nHost: x\n\n")
    assert answer.startswith("HTTP/1.1 502 ")
    assert "gone.test has no address" in answer


async def test_plain_http_is_forwarded_with_the_host_that_was_checked(town: Town):
    port = await town.site("good.test", mirror)
    await town.open()
    answer = await town.ask(
        f"GET http://good.test:{port}/a?b=c HTTP/1.1\nHost: evil.test\nX-Own: 1\n"
        "Proxy-Authorization: Basic eA==\nConnection: close, X-Hop\nX-Hop: 1\n\n"
    )
    assert "200 OK" in answer
    assert "GET /a?b=c HTTP/1.1" in answer
    assert f"host: good.test:{port}".lower() in answer.lower()
    assert "x-own: 1" in answer.lower()
    for absent in ("evil.test", "proxy-authorization", "x-hop"):
        assert absent not in answer.lower()


async def test_one_connection_may_ask_several_hosts_each_by_the_policy(town: Town):
    port = await town.site("good.test", mirror)
    await town.open()
    reader, writer = await town.dial()
    for path in ("one", "two"):
        writer.write(f"GET http://good.test:{port}/{path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        async with asyncio.timeout(PATIENCE):
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            assert f"/{path} ".encode() in await reader.readexactly(length)
    writer.write(b"GET http://other.test/ HTTP/1.1\r\nHost: good.test\r\n\r\n")
    async with asyncio.timeout(PATIENCE):
        assert (await reader.read()).startswith(b"HTTP/1.1 403 ")


@pytest.mark.parametrize(
    "head",
    ["GET / HTTP/1.1\nHost: good.test\n\n", "GET https://good.test/ HTTP/1.1\nHost: x\n\n",
     "GET http://user:pw@good.test/ HTTP/1.1\nHost: x\n\n", "GARBAGE\n\n", "\x16\x03\x01\n\n",
     "GET http://good.test/ HTTP/1.1\nHost: x\nContent-Length: 3\nContent-Length: 4\n\n",
     "GET http://good.test/ HTTP/1.1\nHost: a\nHost: b\n\n"],
)  # fmt: skip
async def test_what_is_no_request_for_a_proxy_is_refused(town: Town, head: str):
    town.trust("good.test")
    await town.open()
    assert (await town.ask(head)).startswith("HTTP/1.1 400 ")


async def test_a_head_without_end_is_cut_off(town: Town):
    await town.open()
    answer = await town.ask("GET http://a.test/ HTTP/1.1\n" + "X-Fill: y\n" * 10_000)
    assert answer.startswith("HTTP/1.1 431 ")


async def test_a_request_that_trickles_in_is_given_up(town: Town, monkeypatch):
    """Slow-loris: the time is for the whole head, however often a byte comes."""
    monkeypatch.setattr("sandboxes.engine.egress.connection.HEAD_SECONDS", 0.3)
    await town.open()
    reader, writer = await town.dial()

    async def trickle() -> None:
        while True:
            writer.write(b"G")
            await asyncio.sleep(0.02)

    dripping = asyncio.create_task(trickle())
    async with asyncio.timeout(PATIENCE):
        assert (await reader.read()).startswith(b"HTTP/1.1 408 ")
    dripping.cancel()


async def test_a_changed_policy_ends_what_it_forbids_and_nothing_else(town: Town):
    one, two = await town.site("one.test", echo), await town.site("two.test", echo)
    await town.open({"allow": [f"one.test:{one}", f"two.test:{two}"]})
    _, kept, keeper = await town.tunnel(f"one.test:{one}")
    _, ended, _ = await town.tunnel(f"two.test:{two}")
    from sandboxes.engine.egress.policy import parse

    assert await town.gateway.change("box", parse({"allow": [f"one.test:{one}"]})) == 1
    async with asyncio.timeout(PATIENCE):
        assert await ended.read() == b""
        keeper.write(b"still\n")
        assert await kept.readexactly(6) == b"still\n"
    answer = await town.ask(f"CONNECT two.test:{two} HTTP/1.1\nHost: x\n\n")
    assert answer.startswith("HTTP/1.1 403 ")


async def test_a_thousand_connections_of_one_sandbox_leave_another_its_own(town: Town):
    port = await town.site("good.test", echo)
    greedy = await town.open(name="greedy")
    modest = await town.open(name="modest")
    held = [await town.dial(greedy) for _ in range(1000)]
    await until_async(lambda: len(town.gateway.outlets["greedy"]._passages) == 256)
    async with asyncio.timeout(PATIENCE):
        refused = (await held[256][0].read()).decode()  # the first that was too many
    status, _, _ = await town.tunnel(f"good.test:{port}", modest)
    for _, writer in held:
        writer.close()
    assert refused.startswith("HTTP/1.1 503 ")
    assert " 200 " in status
    await until_async(lambda: not town.gateway.outlets["greedy"]._passages)


async def test_decisions_are_told_once_a_minute_and_host(town: Town):
    port = await town.site("good.test", echo)
    await town.open()
    for _ in range(20):
        await town.ask("CONNECT evil.test:443 HTTP/1.1\nHost: x\n\n")
        (await town.tunnel(f"good.test:{port}"))[2].close()
    await town.gateway.drop("box")
    assert sorted(town.decisions) == [
        ("evil.test", 443, False, "not in the policy"),
        ("good.test", port, True, "test"),
    ]


async def test_a_flood_of_hosts_is_counted_and_not_named(town: Town):
    await town.open()
    for number in range(100):
        await town.ask(f"CONNECT a{number}.test:443 HTTP/1.1\nHost: x\n\n")
    await town.gateway.drop("box")
    assert len(town.decisions) == 61
    assert town.decisions[-1][0] == ""
