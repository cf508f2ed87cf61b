"""The operator's credentials for registries go to the registries themselves, and nowhere else."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandboxes.engine.egress.decision import decide
from sandboxes.engine.egress.last_hop import with_login
from sandboxes.engine.egress.login import Login
from sandboxes.engine.egress.origin import Origin
from sandboxes.engine.egress.policy import parse
from sandboxes.engine.egress.registries import Registries, Registry
from tests.sandboxes.egress.town import Town, curl, mirror

SECRET = "Basic b3BlcmF0b3I6Y2FuYXJ5"
INDEX = Login("https", "index.example", 443, "/team-a/", SECRET)
HERE = Origin("https", "index.example", 443)


def left_with(
    target: str = "/team-a/index/",
    origin: Origin = HERE,
    method: str = "GET",
    logins: tuple[Login, ...] = (INDEX,),
    **headers: str,
) -> list[str]:
    """The Authorization headers of a request when it leaves."""
    sent = [("host", "x"), *((name.replace("_", "-"), text) for name, text in headers.items())]
    request = with_login(h11.Request(method=method, target=target, headers=sent), origin, logins)
    return [value.decode() for name, value in request.headers if name == b"authorization"]


def test_reading_requests_get_them():
    assert left_with() == [SECRET]
    assert left_with(method="HEAD") == [SECRET]
    assert left_with("/team-a/@scope%2fname?x=/../") == [SECRET]
    assert left_with("/team-a") == [SECRET]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get"])
def test_other_requests_do_not(method: str):
    assert left_with(method=method) == []


@pytest.mark.parametrize(
    "headers",
    [{"content_length": "3"}, {"transfer_encoding": "chunked"}, {"upgrade": "websocket"},
     {"x_http_method_override": "PUT"}, {"x_method_override": "DELETE"}],
)  # fmt: skip
def test_a_request_that_does_more_than_read_does_not(headers: dict[str, str]):
    assert left_with(**headers) == []


def test_a_program_keeps_its_own_and_gets_none_beside_it():
    assert left_with(authorization="Bearer own") == ["Bearer own"]


@pytest.mark.parametrize(
    "origin",
    [Origin("http", "index.example", 80), Origin("http", "index.example", 443),
     Origin("https", "index.example", 80), Origin("https", "index.example", 8443),
     Origin("https", "a.index.example", 443), Origin("https", "example", 443)],
)  # fmt: skip
def test_another_scheme_host_or_port_does_not(origin: Origin):
    assert left_with(origin=origin) == []


@pytest.mark.parametrize(
    "target",
    ["/", "/team-b/index/", "/team-abc/", "/team-a/../team-b/", "/team-a/%2e%2e/team-b/",
     "/team-a/%252e%252e/team-b/", "/team-a/..%2fteam-b/", "/team-a/..;x/team-b/",
     "/team-a/.%2e/team-b/", "/team-a/..\\team-b/", "/team-a/%5c..%5cteam-b/", "//team-a/",
     "/TEAM-A/", "*", "/team-a/%25252525252e/"],
)  # fmt: skip
def test_another_path_of_the_same_host_does_not(target: str):
    assert left_with(target) == []


def test_of_two_the_one_for_the_longer_path_goes():
    both = (INDEX, Login("https", "index.example", 443, "/", "Basic eA=="))
    assert left_with(logins=both) == [SECRET]
    assert left_with("/team-b/", logins=both) == ["Basic eA=="]


@given(st.text(max_size=30), st.sampled_from(["http", "https"]), st.integers(1, 65535))
def test_nothing_but_the_place_itself_is_ever_covered(path: str, scheme: str, port: int):
    if INDEX.covers(scheme, "index.example", port, path):
        assert (scheme, port) == ("https", 443)
        assert path.startswith("/team-a") or "%" in path.partition("/team-a")[0]


LOGINS = Registries([Registry("index.example", "pip", trusted=True, logins=(INDEX,))])
RULES: list[dict[str, Any]] = [
    {"forwardURL": "https://elsewhere.example/"},
    {"transform": [{"headers": {"x-echo": "1"}}]},
    {"response": {"statusCode": 200}},
    {"match": {"path": {"exact": "/never"}}, "forwardURL": "https://elsewhere.example/"},
]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("pattern", ["index.example", "*.example", "*", "index.example:443"])
def test_where_the_owner_of_a_sandbox_has_a_rule_there_are_none(rule: Any, pattern: str):
    policy = parse({"mode": "registries", "allow": {pattern: [rule]}})
    decision = decide(policy, LOGINS, "index.example", 443)
    assert decision.allowed and decision.rules
    assert decision.logins == ()


def test_a_registry_that_is_listed_without_rules_has_them():
    for policy in ("registries", {"allow": ["index.example"]}, "internet"):
        assert decide(parse(policy), LOGINS, "index.example", 443).logins == (INDEX,)


def test_they_are_of_one_port_alone():
    assert decide(parse("internet"), LOGINS, "index.example", 80).logins == ()


def test_a_registry_of_two_teams_has_both_and_one_that_is_named_twice_loses_none():
    other = Login("https", "index.example", 443, "/team-b/", "Basic eA==")
    found = Registries(
        [
            Registry("index.example", "pip", trusted=True, logins=(INDEX,)),
            Registry("index.example", "npm", trusted=True, logins=(other,)),
            Registry("index.example", "pip's index links to it"),
            Registry("*.example", "VIBE_EGRESS_ALLOW", trusted=True),
        ]
    )
    assert found.logins("index.example", 443) == (INDEX, other)


async def fetch(town: Town, tmp_path: Path, *arguments: str) -> str:
    run = asyncio.get_running_loop().run_in_executor
    return await run(
        None, lambda: curl(*arguments, proxy=town.port, authority=tmp_path / "authority.crt")
    )


async def registry(town: Town, *, tls: bool = True, allow: Any = "registries") -> int:
    """A registry with credentials on a real socket, which answers with what it was sent."""
    port = await town.site("index.test", mirror, tls=tls)
    town.trusted.clear()
    scheme = "https" if tls else "http"
    login = Login(scheme, "index.test", port, "/team-a/", SECRET)
    town.trust(f"index.test:{port}", logins=(login,))
    await town.open(allow if isinstance(allow, str) else allow(port))
    return port


@pytest.mark.parametrize("tls", [True, False])
async def test_a_program_reads_with_them_and_never_sees_them(town: Town, tmp_path: Path, tls: bool):
    port = await registry(town, tls=tls)
    base = f"http{'s' if tls else ''}://index.test:{port}"
    assert SECRET in await fetch(town, tmp_path, f"{base}/team-a/index/")  # what it was sent
    assert SECRET not in await fetch(town, tmp_path, f"{base}/team-b/index/")
    assert SECRET not in await fetch(town, tmp_path, "-X", "PUT", "-d", "x", f"{base}/team-a/")
    own = await fetch(town, tmp_path, "-H", "Authorization: own", f"{base}/team-a/")
    assert SECRET not in own and "authorization: own" in own


async def test_a_plain_tunnel_reads_with_those_for_plain_http(town: Town, tmp_path: Path):
    port = await registry(town, tls=False)
    url = f"http://index.test:{port}/team-a/"
    assert SECRET in await fetch(town, tmp_path, "-p", url)


async def test_a_registry_of_tls_gets_none_over_plain_http(town: Town, tmp_path: Path):
    port = await town.site("index.test", mirror)
    town.trusted.clear()
    town.trust(
        f"index.test:{port}", logins=(Login("https", "index.test", port, "/team-a/", SECRET),)
    )
    await town.open()
    seen = await fetch(town, tmp_path, f"http://index.test:{port}/team-a/")
    assert "GET /team-a/" in seen and SECRET not in seen


async def test_a_forward_takes_none_along(town: Town, tmp_path: Path):
    there = await town.site("hook.test", mirror)
    town.gateway.dialler.check.refusal = lambda *_, **__: ""  # the hook is on this machine
    rule = {"forwardURL": f"http://hook.test:{there}/team-a/"}
    port = await registry(
        town, allow=lambda port: {"mode": "registries", "allow": {f"index.test:{port}": [rule]}}
    )
    seen = await fetch(town, tmp_path, f"https://index.test:{port}/team-a/")
    assert "vercel-forwarded-host" in seen and SECRET not in seen


async def test_credentials_that_change_end_what_was_open_with_the_old_ones(town: Town):
    port = await registry(town, tls=False)
    _, reader, _ = await town.tunnel(f"index.test:{port}")
    town.trusted.clear()
    town.trust(f"index.test:{port}")
    async with asyncio.timeout(20):
        assert await reader.read() == b""


def test_their_text_shows_in_no_representation():
    held = Registry("index.example", "pip", trusted=True, logins=(INDEX,))
    decision = decide(parse("registries"), Registries([held]), "index.example", 443)
    assert decision.logins
    assert SECRET not in repr((held, decision, INDEX))
