"""Dev servers as they come, under a preview domain that none of them has been told of."""

from __future__ import annotations

import asyncio
import http.client
import json
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

import asgiref
import django
import pytest
import sqlparse
from websockets.exceptions import InvalidStatus

from sandboxes.engine import ExecSpec
from sandboxes.models import Sandbox
from tests.fixtures.packages import from_npm
from tests.fixtures.waiting import PATIENCE, until
from tests.sandboxes.preview.conftest import HTTP, Started, Web, web_process
from tests.sandboxes.preview.dialling import WS, dial

pytestmark = pytest.mark.sandbox
DOMAIN = "preview.test"
VITE, DJANGO = 5173, 3100
EVIL = "http://evil.example"
DJANGO_APP = Path(__file__).with_name("django_app.py")


@pytest.fixture(scope="module")
def _domain_web(django_db_setup: None, top: Path) -> Iterator[Web]:
    with web_process(top / "domain.log", VIBE_PREVIEW_DOMAIN=DOMAIN) as web:
        yield web


@pytest.fixture
def web(_domain_web: Web, transactional_db: None) -> Web:
    return _domain_web


@pytest.fixture
def host_of(web: Web, sandbox: Sandbox) -> Callable[[int], str]:
    """The Host under which a port of the sandbox has its preview."""
    return lambda port: f"{port}-{sandbox.pk}.{DOMAIN}:{web.port}"


@contextmanager
def running(served: Started, port: int, *argv: str) -> Iterator[None]:
    agent = served.engine.agent(served.handle)
    with agent.exec(ExecSpec(command=f"cmd{secrets.token_hex(6)}", argv=[*argv])):
        until(lambda: port in agent.ports(), patience=2 * PATIENCE)
        yield


def test_the_server_is_told_localhost_and_the_outer_name_beside_it(web, host_of) -> None:
    host = host_of(HTTP)
    headers = dict(web.said(host, headers={"Origin": f"http://{host}"})["headers"])

    assert headers["host"] == f"localhost:{HTTP}"
    assert headers["origin"] == f"http://localhost:{HTTP}"
    assert headers["x-forwarded-host"] == host


def test_a_redirect_to_localhost_leads_to_the_preview(web, host_of) -> None:
    given = ["Location: http://localhost:3000/next", "Link: <http://localhost:3001/a>; rel=next"]
    answer = web.ask(host_of(HTTP), "/headers?give=" + quote(json.dumps(given)))

    assert answer.headers["Location"] == f"http://{host_of(HTTP)}/next"
    assert answer.headers["Link"] == f"<http://{host_of(3001)}/a>; rel=next"


def page(web: Web, host: str, body: str, *headers: str) -> http.client.HTTPResponse:
    asked = {"body": body, "give": json.dumps(headers or ["Content-Type: text/html"])}
    return web.ask(host, f"/headers?{urlencode(asked)}")


def test_a_link_in_a_page_leads_to_the_preview(web, host_of) -> None:
    html = '<link href="http://localhost:3000/a.css"><a href="http://localhost:3001">'

    answer = page(web, host_of(HTTP), html)

    inner, outer = ("localhost:3000", host_of(HTTP)), ("localhost:3001", host_of(3001))
    assert answer.read().decode() == html.replace(*inner).replace(*outer)


@pytest.mark.parametrize("kind", ["application/json", "text/javascript", "text/plain"])
def test_what_is_no_page_passes_as_it_is(web, host_of, kind: str) -> None:
    body = '"a=http://localhost:3000/"'

    answer = page(web, host_of(HTTP), body, f"Content-Type: {kind}")

    assert answer.headers["Content-Length"] == str(len(body))
    assert answer.read() == body.encode()


async def test_a_socket_comes_from_localhost_unless_another_site_opens_it(web, host_of) -> None:
    for origin, told in ((f"http://{host_of(WS)}", f"http://localhost:{WS}"), (EVIL, EVIL)):
        async with dial(web, host_of(WS), "/headers", origin=origin) as socket:
            headers = {name.lower(): value for name, value in json.loads(await socket.recv())}

        assert headers["origin"] == told
        assert headers["host"] == f"localhost:{WS}"


@pytest.fixture(scope="module")
def _vite(served: Started) -> Iterator[None]:
    installed = from_npm("vite-8", "vite@8")
    agent = served.engine.agent(served.handle)
    files: list[tuple[str, bytes, int | None]] = [
        (f"site/{path.relative_to(installed)}", path.read_bytes(), None)
        for path in (installed / "node_modules").rglob("*")
        if path.is_file() and not path.is_symlink()
    ]
    page = b'<!doctype html><script type="module" src="/main.js"></script>'
    agent.write_files(
        [
            *files,
            ("site/index.html", page, None),
            ("site/main.js", b"import './other.js'", None),
            ("site/other.js", b"console.log('there')", None),
        ]
    )
    script = f"cd site && exec node node_modules/vite/bin/vite.js --port {VITE} --strictPort"
    with running(served, VITE, "sh", "-c", script):
        yield


@pytest.mark.usefixtures("_vite")
@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js")
class TestVite:
    def test_its_page_and_its_modules_are_shown(self, web, host_of) -> None:
        page = web.ask(host_of(VITE), "/")
        module = web.ask(host_of(VITE), "/main.js", headers={"Origin": f"http://{host_of(VITE)}"})

        assert page.status == 200, page.read()
        assert b"/@vite/client" in page.read()
        assert b"/other.js" in module.read()

    async def test_its_hot_reload_connects(self, web, host_of) -> None:
        host = host_of(VITE)
        client = await asyncio.to_thread(lambda: web.ask(host, "/@vite/client").read().decode())
        token = re.search(r'wsToken = "([^"]+)"', client)
        assert token is not None
        path = f"/?token={token[1]}"

        async with dial(web, host, path, subprotocols=["vite-hmr"]) as socket:
            assert json.loads(await socket.recv())["type"] == "connected"

    async def test_another_site_gets_no_socket(self, web, host_of) -> None:
        with pytest.raises(InvalidStatus):
            await dial(web, host_of(VITE), "/", subprotocols=["vite-hmr"], origin=EVIL)


@pytest.fixture(scope="module")
def _django(served: Started) -> Iterator[None]:
    agent = served.engine.agent(served.handle)
    packages = [Path(module.__file__ or "").parent for module in (django, asgiref, sqlparse)]
    agent.write_files(
        [("mysite/app.py", DJANGO_APP.read_bytes(), None)]
        + [
            (f"mysite/{path.relative_to(package.parent)}", path.read_bytes(), None)
            for package in packages
            for path in package.rglob("*")
            if path.suffix in (".py", ".html") and path.is_file()
        ]
    )
    script = f"cd mysite && exec python3 app.py runserver --noreload {DJANGO}"
    with running(served, DJANGO, "sh", "-c", script):
        yield


@pytest.mark.usefixtures("_django")
class TestDjango:
    def form(self, web: Web, host: str) -> tuple[str, str]:
        """The cookie and the field of a page with a form."""
        answer = web.ask(host, "/form/")
        html = answer.read().decode()
        assert answer.status == 200, html
        field = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', html)
        assert field is not None
        return answer.headers["Set-Cookie"].split(";")[0], field[1]

    def post(self, web: Web, host: str, origin: str) -> http.client.HTTPResponse:
        cookie, token = self.form(web, host)
        headers = {
            "Cookie": cookie,
            "Origin": origin,
            "Referer": f"{origin}/form/",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        body = urlencode({"csrfmiddlewaretoken": token})
        return web.ask(host, "/form/", "POST", body, headers)

    def test_a_form_is_sent_and_its_redirect_leads_to_the_preview(self, web, host_of) -> None:
        host = host_of(DJANGO)
        answer = self.post(web, host, f"http://{host}")

        assert answer.status == 302, answer.read()
        assert answer.headers["Location"] == f"http://{host}/done/"

    @pytest.mark.parametrize("origin", [EVIL, "null"])
    def test_the_form_of_another_site_is_refused(self, web, host_of, origin: str) -> None:
        answer = self.post(web, host_of(DJANGO), origin)

        assert answer.status == 403
        assert b"CSRF" in answer.read()
