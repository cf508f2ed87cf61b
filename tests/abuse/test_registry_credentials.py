"""The operator's credentials for package registries are found nowhere but at their registry."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import socket
from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sandboxes.engine.egress import inside
from sandboxes.engine.egress.authority import load_or_make
from sandboxes.engine.egress.discovery import apt, everything, links, npm, pip
from sandboxes.engine.egress.login import Login
from sandboxes.engine.egress.policy import parse, stored
from sandboxes.engine.egress.registries import Registry
from sandboxes.engine.egress.spawning import ProxySettings
from sandboxes.engine.egress.supervised import SupervisedProxy
from sandboxes.host import registries, way_out
from tests.sandboxes.egress.town import PATIENCE, mirror

CANARY = f"canary-{secrets.token_hex(12)}"
ENCODED = b64encode(f"operator:{CANARY}".encode()).decode()
FORMS = (CANARY, ENCODED)


class Proxy:
    """The proxy's own process, a registry that answers with what it was sent, and what was told
    of sandboxes."""

    def __init__(self, proxy: SupervisedProxy, decisions: list[Any], site: int, other: int) -> None:
        self.proxy = proxy
        self.decisions = decisions
        self.site = site
        self.other = other

    async def ask(self, policy: Any, *requests: str) -> str:
        """All answers to requests (S: the registry, O: another host) of a sandbox."""
        listener = socket.create_server(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        name = f"box{port}"
        text = json.dumps(policy).replace("S:", f"127.0.0.1:{self.site}")
        text = text.replace("O:", f"127.0.0.1:{self.other}")
        await self.proxy.serve(name, listener, stored(parse(json.loads(text))))
        answers = ""
        for request in requests:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            head = request.replace("S:", f"127.0.0.1:{self.site}").replace("\n", "\r\n")
            writer.write(head.replace("O:", f"127.0.0.1:{self.other}").encode())
            writer.write_eof()
            async with asyncio.timeout(PATIENCE):
                answers += (await reader.read()).decode("latin-1")
            writer.close()
        await self.proxy.drop(name)
        return answers


@pytest.fixture
async def proxy(clean_interpreter: None, tmp_path: Path) -> AsyncIterator[Proxy]:
    site = await asyncio.start_server(mirror, "127.0.0.1", 0)
    other = await asyncio.start_server(mirror, "127.0.0.1", 0)
    ports = [server.sockets[0].getsockname()[1] for server in (site, other)]
    decisions: list[Any] = []
    key, certificate = load_or_make(tmp_path)
    settings = ProxySettings(key, certificate, opened=("127.0.0.0/8",))
    supervised = SupervisedProxy(settings, lambda _, told: decisions.extend(told), lambda *_: None)
    login = Login("http", "127.0.0.1", ports[0], "/team-a/", f"Basic {ENCODED}")
    await supervised.set_registries(
        [
            Registry(f"127.0.0.1:{ports[0]}", "pip", trusted=True, logins=(login,)),
            Registry(f"127.0.0.1:{ports[1]}", "npm", trusted=True),
        ]
    )
    yield Proxy(supervised, decisions, *ports)
    await supervised.close()
    for server in (site, other):
        server.close()


GET = "GET http://S:/team-a/index/ HTTP/1.1\nHost: x\n\n"
PLAIN = [
    "PUT http://S:/team-a/ HTTP/1.1\nHost: x\nContent-Length: 0\n\n",
    "GET http://S:/team-b/ HTTP/1.1\nHost: x\n\n",
    "GET http://O:/team-a/ HTTP/1.1\nHost: x\n\n",
    "GET http://elsewhere.example/team-a/ HTTP/1.1\nHost: x\n\n",
    "GET http://127.0.0.2:1/team-a/ HTTP/1.1\nHost: x\n\n",
    "GET https://S:/team-a/ HTTP/1.1\nHost: x\n\n",
    "GET http://u:p@S:/team-a/ HTTP/1.1\nHost: x\n\n",
    "CONNECT u:p@S: HTTP/1.1\nHost: x\n\n",
    "CONNECT S: HTTP/1.1\nHost: x\n\nGET /team-a/ HTTP/1.1\nHost: O:\n\n",
    "nonsense\n\n",
]


def holds(text: str) -> bool:
    return any(form in text for form in FORMS)


async def test_the_registry_itself_gets_them(proxy: Proxy) -> None:
    """What the other tests do not find is there to be found."""
    assert ENCODED in await proxy.ask("registries", GET)


async def test_no_answer_to_any_other_request_holds_them(proxy: Proxy) -> None:
    answers = await proxy.ask("registries", *PLAIN)
    assert " 403 " in answers and " 421 " in answers and "PUT /team-a/" in answers
    assert not holds(answers)


@pytest.mark.parametrize(
    "rule",
    [
        {"forwardURL": "http://O:/team-a/"},
        {"response": {"statusCode": 200, "body": "canned"}},
        {"transform": [{"headers": {"x-own": "1"}}]},
        {"match": {"headers": [{"key": {"exact": "authorization"}}]},
         "response": {"statusCode": 418}},
    ],
)  # fmt: skip
async def test_no_rule_of_a_sandbox_gets_hold_of_them(proxy: Proxy, rule: Any) -> None:
    policy = {"mode": "registries", "allow": {"S:": [rule], "O:": []}}
    answers = await proxy.ask(policy, GET, *PLAIN)
    assert "HTTP/1.1" in answers and not holds(answers)
    assert " 418 " not in answers  # a rule sees no header that the program did not send


async def test_neither_log_nor_command_line_nor_environment_of_the_proxy_holds_them(
    proxy: Proxy, capfd: pytest.CaptureFixture[str]
) -> None:
    assert holds(await proxy.ask("registries", GET, *PLAIN))
    assert proxy.decisions and not holds(json.dumps(proxy.decisions))
    directory = Path(f"/proc/{proxy.proxy.pid}")
    assert "egress.process" in (directory / "cmdline").read_text()
    assert not holds((directory / "cmdline").read_text())
    if os.geteuid() == 0:
        assert not holds((directory / "environ").read_text())
    await proxy.proxy._call("registries", registries=[])  # the last thing that it may log
    captured = capfd.readouterr()
    assert not holds(captured.out + captured.err)


async def test_registries_that_cannot_be_read_are_refused_without_quoting_them(
    proxy: Proxy, capfd: pytest.CaptureFixture[str]
) -> None:
    await proxy.ask("registries", GET)
    entry = {"pattern": "a.example", "source": "pip", "logins": [{CANARY: ENCODED}]}
    with pytest.raises(Exception) as refused:
        await proxy.proxy._call("registries", registries=[entry])
    captured = capfd.readouterr()
    assert not holds(f"{refused.value}{captured.out}{captured.err}")


@pytest.fixture
def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> everything.Discovery:
    """What is found on a machine whose package managers all have credentials."""
    listed = f"global.index-url='https://operator:{CANARY}@pip.example/index'\n"
    listed += f"global.extra-index-url='https://{CANARY}@extra.example/index?token={CANARY}'\n"
    values = {"registry": "https://npm.example/", "@corp:registry": "https://corp.example/npm/"}
    secret = f"//npm.example/:_authToken={CANARY}\n//corp.example/:_auth={ENCODED}\n"
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "sources.list").write_text(f"deb https://o:{CANARY}@deb.example/ x main\n")
    places = apt.places(tmp_path / "etc")
    environment = {"UV_INDEX": f"own=https://operator:{CANARY}@uv.example/index"}
    monkeypatch.setattr(pip, "settings", lambda: pip.understood(listed, "", environment))
    monkeypatch.setattr(npm, "settings", lambda: npm.understood(values, "", [secret]))
    monkeypatch.setattr(apt, "places", lambda: places)
    monkeypatch.setattr(links, "_fetch", lambda *_: None)
    return everything.discover()


def test_what_a_sandbox_gets_for_its_way_out_holds_none(
    found: everything.Discovery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len([login for registry in found.registries for login in registry.logins]) == 6
    monkeypatch.setattr(registries.settings, "DATA_DIR", tmp_path)
    everything.save(registries.directory(), found)
    environment = way_out.environment("full")
    assert environment["PIP_INDEX_URL"] == "https://pip.example/index"
    assert not holds(json.dumps(environment))
    files = [path.read_text() for path in way_out.shared_directory().iterdir()]
    assert len(files) == len([inside.CERTIFICATES, inside.APT])
    assert not holds("".join(files))


def test_what_is_shown_of_registries_holds_none(
    found: everything.Discovery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registries.settings, "DATA_DIR", tmp_path)
    everything.save(registries.directory(), found)
    assert not holds(f"{found!r}{registries.hosts()}")


def test_the_file_that_keeps_them_is_for_the_platform_alone(
    found: everything.Discovery, tmp_path: Path
) -> None:
    everything.save(tmp_path / "network", found)
    assert holds((tmp_path / "network" / everything.FILE).read_text())
    assert (tmp_path / "network" / everything.FILE).stat().st_mode & 0o077 == 0
    assert (tmp_path / "network").stat().st_mode & 0o077 == 0
