"""What is loaded before programs of the Vercel clients lets the token reach one server only."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from vibe.client import vercel

TOKEN = "header.payload.the-signature"
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js")


class Heard:
    """A server that remembers what it was sent."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.requests.append((self.path, self.headers.get("Authorization", "")))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"{}")

            do_POST = do_GET

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def server() -> Iterator[Heard]:
    heard = Heard()
    yield heard
    heard.close()


@pytest.fixture
def stranger() -> Iterator[Heard]:
    heard = Heard()
    yield heard
    heard.close()


@pytest.fixture
def told(server: Heard, tmp_path: Path) -> dict[str, str]:
    """What a shell has after `eval`."""
    return evaluated(server, tmp_path / "with a blank")


def evaluated(server: Heard, directory: Path, before: str = "") -> dict[str, str]:
    vercel.write_preloads(directory)
    lines = vercel.exports(server.url, TOKEN, "http://PORT-SANDBOX.localhost", directory)
    show = "import json, os; print(json.dumps(dict(os.environ)))"
    done = subprocess.run(
        ["sh", "-c", f"{before}\n{lines}\n'{sys.executable}' -c '{show}'"],
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def node(script: str, environment: dict[str, str]) -> str:
    done = subprocess.run(
        ["node", "--input-type=module", "-e", script],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.stdout + done.stderr


ASK = """
const headers = { authorization: `Bearer ${process.env.VERCEL_OIDC_TOKEN}` };
const answer = await fetch("https://vercel.com/api/v2/sandboxes", { headers });
console.log("STATUS", answer.status);
"""


@needs_node
def test_a_request_to_the_vendor_reaches_the_server_with_the_token(
    server: Heard, told: dict[str, str]
) -> None:
    assert "STATUS 200" in node(ASK, told)
    assert server.requests == [("/vercel/v2/sandboxes", f"Bearer {TOKEN}")]


@needs_node
@pytest.mark.parametrize(
    "script",
    [
        "await fetch(URL, { headers: { authorization: `Bearer ${SECRET}` } })",
        "await fetch(new Request(URL, { headers: { 'x-token': SECRET } }))",
        "await fetch(`${URL}?token=${SECRET}`)",
        "await new Promise((go, fail) => import('node:http').then(({ get }) =>"
        " get(URL, { headers: { authorization: SECRET } }, go).on('error', fail)))",
        "await new Promise((go, fail) => import('node:http').then(({ request }) => {"
        " const r = request(URL, go); r.on('error', fail); r.setHeader('x', SECRET); r.end() }))",
    ],
)
@pytest.mark.parametrize(
    "secret", ["process.env.VERCEL_OIDC_TOKEN", "process.env.VIBE_VERCEL_TOKEN", "KEY"]
)
def test_it_goes_nowhere_else(
    stranger: Heard, told: dict[str, str], script: str, secret: str
) -> None:
    known = f"const KEY = 'vibe_' + 'a'.repeat(40); const SECRET = {secret};"
    said = node(f"{known} const URL = '{stranger.url}/x'; {script}", told)
    assert "Stopped by Vibe" in said
    assert stranger.requests == []


@needs_node
def test_other_requests_go_where_they_like(stranger: Heard, told: dict[str, str]) -> None:
    node(
        f"await fetch('{stranger.url}/x', {{ headers: {{ authorization: 'Bearer mine' }} }})", told
    )
    assert stranger.requests == [("/x", "Bearer mine")]


@needs_node
def test_it_lives_beside_other_preloads(server: Heard, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.mjs").write_text(f"console.log('{name}')")
    words = " ".join(f"--import={(tmp_path / f'{name}.mjs').as_uri()}" for name in ("one", "two"))
    told = evaluated(server, tmp_path / "preloads", f"export NODE_OPTIONS='{words}'")
    said = node(ASK, told)
    assert "one" in said and "two" in said and "STATUS 200" in said


@needs_node
def test_who_keeps_the_last_of_each_option_keeps_it(server: Heard, tmp_path: Path) -> None:
    """As `next dev` hands its options on to its workers."""
    other = tmp_path / "other.mjs"
    other.write_text("")
    words = f"--import={other.as_uri()} --import={other.as_uri()} --require={tmp_path}/none.cjs"
    told = evaluated(server, tmp_path / "preloads", f"export NODE_OPTIONS='{words}'")
    kept = dict(word.partition("=")[::2] for word in told["NODE_OPTIONS"].split(" "))
    told["NODE_OPTIONS"] = " ".join(f"{name}={value}" for name, value in kept.items())
    assert "STATUS 200" in node(ASK, told)
    assert server.requests == [("/vercel/v2/sandboxes", f"Bearer {TOKEN}")]


@needs_node
def test_a_child_without_it_has_nothing_to_give_away(stranger: Heard, told: dict[str, str]) -> None:
    child = (
        f"fetch('{stranger.url}/x', {{ headers: {{ a: process.env.VERCEL_OIDC_TOKEN,"
        " authorization: [process.env.VERCEL_OIDC_TOKEN, process.env.VERCEL_TOKEN,"
        " process.env.VERCEL_AUTH_TOKEN].join() } })"
    )
    node(
        "import { spawnSync } from 'node:child_process';"
        f"spawnSync(process.execPath, ['-e', {json.dumps(child)}],"
        " { env: { ...process.env, NODE_OPTIONS: '' }, stdio: 'inherit' })",
        told,
    )
    ((_, sent),) = stranger.requests
    assert sent == ",".join([vercel.PASS] * 3)


ROUTES = [
    "`https://${route.subdomain}.vercel.run`",
    "`https://${ a.route.subdomain }.vercel.run`",
    '"https://".concat(route.subdomain, ".vercel.run")',
    "'https://' + route.subdomain + '.vercel.run'",
    'eval("`https://${route.subdomain}.vercel.run`")',
    r'eval("\"https://\".concat(route.subdomain,\".vercel.run\")")',
]
ROUTE = "const route = { url: 'http://3000-x.test', subdomain: '3000-x' }, a = { route };"


@needs_node
@pytest.mark.parametrize("expression", ROUTES)
@pytest.mark.parametrize("kind", ["cjs", "mjs", "required mjs", "context", "function", "worker"])
def test_the_address_of_a_port_is_what_the_server_told(
    told: dict[str, str], tmp_path: Path, kind: str, expression: str
) -> None:
    suffix = "mjs" if kind.endswith("mjs") else "cjs"
    file = tmp_path / f"client.{suffix}"
    file.write_text(f"{ROUTE} console.log({expression});")
    path = json.dumps(str(file))
    script = {
        "context": "import fs from 'node:fs'; import vm from 'node:vm';"
        f"new vm.Script(fs.readFileSync({path}, 'utf8')).runInThisContext()",
        "function": "import fs from 'node:fs'; import { compileFunction } from 'node:vm';"
        f"compileFunction(fs.readFileSync({path}, 'utf8'))()",
        "worker": f"import {{ Worker }} from 'node:worker_threads'; new Worker({path})",
        "required mjs": "import { createRequire } from 'node:module';"
        f"try {{ createRequire({path})({path}) }} catch (error) {{"
        # Older releases of Node.js cannot.
        f"if (error.code !== 'ERR_REQUIRE_ESM') throw error; await import({path}) }}",
    }.get(kind, f"await import({path})")
    assert node(script, told).splitlines()[-1] == "http://3000-x.test"


@needs_node
def test_other_addresses_of_the_vendor_stay_as_they_are(
    told: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "program.cjs"
    file.write_text("console.log('https://mine.vercel.run', `https://${'a'}.vercel.run`)")
    said = node(f"await import({json.dumps(str(file))})", told)
    assert said == "https://mine.vercel.run https://a.vercel.run\n"


def python(script: str, environment: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=60
    )
    return done.stdout + done.stderr


def test_a_python_program_sends_the_token_to_the_server(
    server: Heard, told: dict[str, str]
) -> None:
    python(
        "import httpx, os\n"
        "headers = {'Authorization': 'Bearer ' + os.environ['VERCEL_OIDC_TOKEN']}\n"
        "httpx.get(os.environ['VIBE_VERCEL_URL'] + '/v2/sandboxes', headers=headers)",
        told,
    )
    assert server.requests == [("/vercel/v2/sandboxes", f"Bearer {TOKEN}")]


@pytest.mark.parametrize("secret", ["VERCEL_OIDC_TOKEN", "VIBE_VERCEL_TOKEN"])
@pytest.mark.parametrize("client", ["httpx.get(url, headers=h)", "asyncio.run(later())"])
def test_a_python_program_sends_it_nowhere_else(
    stranger: Heard, told: dict[str, str], secret: str, client: str
) -> None:
    said = python(
        "import asyncio, httpx, os\n"
        f"url, h = '{stranger.url}/x', {{'Authorization': os.environ['{secret}']}}\n"
        "async def later():\n"
        "    async with httpx.AsyncClient() as client: await client.get(url, headers=h)\n"
        f"{client}",
        told,
    )
    assert "Stopped by Vibe" in said
    assert stranger.requests == []


BELOW_LOCALHOST = [
    "urllib.request.urlopen(url, timeout=10).read()",
    "httpx.get(url)",
    "asyncio.run(later())",
]


@pytest.mark.parametrize("name", ["3000-x.localhost", "3000-x.vibe.localhost", "3000-X.LOCALHOST."])
@pytest.mark.parametrize("client", BELOW_LOCALHOST)
def test_a_python_program_finds_names_below_localhost(
    stranger: Heard, told: dict[str, str], client: str, name: str
) -> None:
    said = python(
        "import asyncio, httpx, urllib.request\n"
        f"url = 'http://{name}:{stranger.server.server_port}/x'\n"
        "async def later():\n"
        "    async with httpx.AsyncClient() as client: await client.get(url)\n"
        f"{client}",
        told,
    )
    assert (said, [path for path, _ in stranger.requests]) == ("", ["/x"])


@pytest.mark.parametrize("family", ["AF_INET", "AF_INET6"])
def test_they_are_this_machine_by_either_protocol(told: dict[str, str], family: str) -> None:
    look_up = f"socket.getaddrinfo(b'a.b.localhost', 80, socket.{family})[0][4][0]"
    said = python(f"import socket; print({look_up})", told)
    assert said.strip() == {"AF_INET": "127.0.0.1", "AF_INET6": "::1"}[family]
