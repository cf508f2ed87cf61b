"""Rules that look into requests: headers put in, other targets, answers; over TLS and without."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.sandboxes.egress.town import Town, curl, mirror


async def fetch(town: Town, tmp_path: Path, *arguments: str) -> str:
    run = asyncio.get_running_loop().run_in_executor
    return await run(
        None, lambda: curl(*arguments, proxy=town.port, authority=tmp_path / "authority.crt")
    )


async def with_rules(town: Town, *rules: Any, tls: bool = True, name: str = "api.test") -> int:
    """An allowed host with these rules."""
    port = await town.site(name, mirror, tls=tls)
    await town.open({"allow": {f"{name}:{port}": list(rules)}})
    return port


INJECT = {"transform": [{"headers": {"Authorization": "Bearer hush"}}]}


@pytest.mark.parametrize("tls", [True, False])
async def test_a_header_is_put_in_outside_of_the_sandbox(town: Town, tmp_path: Path, tls: bool):
    port = await with_rules(town, INJECT, tls=tls)
    url = f"http{'s' if tls else ''}://api.test:{port}/v1"
    seen = await fetch(town, tmp_path, "-H", "authorization: own", url)
    assert "authorization: Bearer hush" in seen
    assert "own" not in seen


async def test_a_host_without_rules_keeps_its_own_certificate(town: Town, tmp_path: Path):
    port = await town.site("plain.test", mirror, tls=True)
    await town.open({"allow": [f"plain.test:{port}"]})
    assert "certificate" in await fetch(town, tmp_path, f"https://plain.test:{port}/")


async def test_only_requests_that_fit_are_changed(town: Town, tmp_path: Path):
    port = await with_rules(town, {**INJECT, "match": {"path": {"startsWith": "/v1/"}}})
    assert "hush" in await fetch(town, tmp_path, f"https://api.test:{port}/v1/x")
    assert "hush" not in await fetch(town, tmp_path, f"https://api.test:{port}/v2/x")


async def test_a_body_goes_through_in_both_directions(town: Town, tmp_path: Path):
    port = await with_rules(town, INJECT)
    (tmp_path / "body").write_bytes(b"0123456789" * 200_000)
    seen = await fetch(
        town, tmp_path, "--data-binary", f"@{tmp_path / 'body'}", f"https://api.test:{port}/"
    )
    assert seen.endswith("0123456789" * 200_000)
    assert "hush" in seen


async def test_a_rule_answers_by_itself(town: Town, tmp_path: Path):
    rule = {
        "match": {"method": ["DELETE"]},
        "response": {
            "statusCode": 418, "body": "not here", "contentType": "text/x-why",
            "headers": {"x-from": "rule"},
        },
    }  # fmt: skip
    port = await with_rules(town, rule)
    answer = await fetch(town, tmp_path, "-i", "-X", "DELETE", f"https://api.test:{port}/")
    assert " 418 " in answer
    assert "x-from: rule" in answer and "content-type: text/x-why" in answer
    assert answer.endswith("not here")
    assert "GET / " in await fetch(town, tmp_path, f"https://api.test:{port}/")


async def test_a_rule_forwards_elsewhere_and_says_where_it_was_meant_for(
    town: Town, tmp_path: Path
):
    there = await town.site("hook.test", mirror)
    town.gateway.dialler.check.refusal = lambda *_, **__: ""  # the hook is on this machine
    port = await with_rules(town, {"forwardURL": f"http://hook.test:{there}/in"})
    seen = await fetch(
        town, tmp_path, "-H", "vercel-forwarded-host: forged", f"https://api.test:{port}/a?b=c"
    )
    assert "GET /in HTTP/1.1" in seen
    assert f"vercel-forwarded-host: api.test:{port}" in seen
    assert "vercel-forwarded-path: /a?b=c" in seen
    assert "vercel-forwarded-scheme: https" in seen
    assert "forged" not in seen


async def test_a_forward_does_not_open_the_inside(town: Town, tmp_path: Path):
    port = await with_rules(town, {"forwardURL": "http://127.0.0.1/"})
    answer = await fetch(town, tmp_path, "-i", f"https://api.test:{port}/")
    assert "403" in answer and "an address of this machine" in answer


async def test_a_host_whose_certificate_does_not_hold_is_not_spoken_to(town: Town, tmp_path: Path):
    port = await with_rules(town, INJECT)
    import ssl

    town.gateway.dialler.trust = ssl.create_default_context()
    answer = await fetch(town, tmp_path, "-i", f"https://api.test:{port}/")
    assert " 502 " in answer and "certificate of api.test does not hold" in answer
    assert "hush" not in answer


async def test_inside_a_tunnel_another_host_header_is_refused(town: Town, tmp_path: Path):
    port = await with_rules(town, INJECT)
    seen = await fetch(town, tmp_path, "-i", "-H", "Host: evil.test", f"https://api.test:{port}/")
    assert " 421 " in seen and "hush" not in seen


async def test_a_websocket_goes_through_where_rules_look_in(town: Town):
    async def upgraded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        assert b"hush" in head
        writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n"
        )
        writer.write(await reader.readexactly(4))
        await writer.drain()
        writer.close()

    port = await town.site("ws.test", upgraded)
    await town.open({"allow": {f"ws.test:{port}": [INJECT]}})
    answer = await town.ask(
        f"GET http://ws.test:{port}/ HTTP/1.1\nHost: x\nUpgrade: websocket\n"
        "Connection: Upgrade\n\nping"
    )
    assert answer.startswith("HTTP/1.1 101 ")
    assert answer.endswith("\r\n\r\nping")


def test_the_authority_is_made_once_and_for_its_owner_alone(tmp_path: Path):
    from sandboxes.engine.egress.authority import load_or_make

    first = load_or_make(tmp_path)
    assert load_or_make(tmp_path) == first
    assert (tmp_path / "authority.key").stat().st_mode & 0o777 == 0o600
