"""A real sandbox with a real server in it, and a real Daphne before it."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest
import websockets
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from sandboxes.engine import Engine, EngineUnavailable, ExecSpec, SandboxHandle, SandboxSpec, levels
from sandboxes.models import Sandbox, SandboxSession
from tests.fixtures.platform import SESSION_COOKIE
from tests.fixtures.waiting import PATIENCE, until
from vibe.accounts.models import User
from vibe.accounts.services import api_keys
from vibe.up.parent import die_with_parent
from vibe.up.processes import SOCKETS

HTTP, WS = 3000, 3001
APP = Path(__file__).with_name("previewed_app.py")


@dataclass
class Started:
    engine: Engine
    handle: SandboxHandle


@contextmanager
def started_sandbox(top: Path) -> Iterator[Started]:
    """A sandbox of the best level that works here, without a server in it."""
    try:
        engine = levels.choose(allow_unisolated=False, allow_reduced=False)
    except EngineUnavailable as error:
        pytest.skip(f"no isolation on this machine: {error}")
    name = f"t{secrets.token_hex(8)}"
    (top / name).mkdir(mode=0o711)
    handle = engine.start(
        SandboxSpec(
            name=name,
            root=top / name,
            run_dir=top / "run",
            timeout=3600.0,  # longer than the slowest machine takes for all tests that share it
            uid=220_000 + os.getpid() % 10_000 if os.geteuid() == 0 else None,
        )
    )
    try:
        yield Started(engine, handle)
    finally:
        engine.kill(handle)


@pytest.fixture(scope="session")
def top() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="vibe-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def served(top: Path) -> Iterator[Started]:
    """A sandbox in which `previewed_app` listens on HTTP and WS."""
    with started_sandbox(top) as started:
        agent = started.engine.agent(started.handle)
        package = Path(websockets.__file__).parent
        files = [(f"websockets/{p.relative_to(package)}", p.read_bytes(), None)
                 for p in package.rglob("*.py") if "legacy" not in p.parts]  # fmt: skip
        agent.write_files([("app.py", APP.read_bytes(), None), *files])
        # Nobody reads what it says, and a full pipe would stop it.
        argv = ["sh", "-c", f"exec python3 app.py {HTTP} {WS} >/dev/null 2>&1"]
        with agent.exec(ExecSpec(command=f"cmd{secrets.token_hex(6)}", argv=argv)):
            until(lambda: {HTTP, WS} <= set(agent.ports()))
            yield started


def _row(started: Started, access: str = "link", **session: Any) -> Sandbox:
    owner, _ = User.objects.get_or_create(username="vera")
    sandbox = Sandbox.objects.create(
        owner=owner,
        name=f"box {secrets.token_hex(4)}",
        number=secrets.randbelow(10**6),
        timeout=600,
        status=Sandbox.Status.RUNNING,
        preview_access=access,
    )
    fields = {"status": SandboxSession.Status.RUNNING, "handle": asdict(started.handle)}
    sandbox.session = SandboxSession.objects.create(
        sandbox=sandbox, node=settings.NODE_NAME, **{**fields, **session}
    )
    sandbox.save()
    return sandbox


@pytest.fixture
def preview_access(request: pytest.FixtureRequest) -> str:
    """Browsers are let in as people are; for programs the address is the link, so that they ask for
    the very thing that a test is about."""
    return "private" if request.node.get_closest_marker("browser") else "link"


@pytest.fixture
def sandbox(transactional_db: None, served: Started, preview_access: str) -> Sandbox:
    """The row of the running sandbox; a fresh id for each test, so that nothing is remembered."""
    return _row(served, preview_access)


@pytest.fixture
def row_of(transactional_db: None, preview_access: str) -> Callable[..., Sandbox]:
    return partial(_row, access=preview_access)


def _database_url() -> str:
    from django.db import connection

    fields = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{fields['NAME']}"
    base, _, query = os.environ["DATABASE_URL"].partition("?")
    return f"{base.rsplit('/', 1)[0]}/{fields['NAME']}" + (f"?{query}" if query else "")


@dataclass
class Web:
    """A Daphne that serves the whole platform on the database of the tests."""

    port: int
    process: subprocess.Popen[bytes]
    owner: User | None = None  # whose API key `ask` shows
    key: str = ""

    def host(self, sandbox: Sandbox | str, port: int = HTTP) -> str:
        sandbox_id = sandbox if isinstance(sandbox, str) else sandbox.pk
        return f"{port}-{sandbox_id}.{settings.PREVIEW_DOMAIN}:{self.port}"

    def send(self, data: bytes) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
        connection.sendall(data)
        return connection

    def ask(
        self,
        host: str,
        path: str = "/",
        method: str = "GET",
        body: Any = None,
        headers: dict[str, str] | None = None,
        **options: Any,
    ) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        if self.owner and not self.key:
            self.key = api_keys.create(self.owner)[1]
        shown = {"X-Vibe-Key": self.key} if self.key else {}
        connection.request(
            method, path, body, {"Host": host, **shown, **(headers or {})}, **options
        )
        return connection.getresponse()

    def said(self, host: str, path: str = "/", **options: Any) -> dict[str, Any]:
        """What the server in the sandbox says that it was asked."""
        answer = self.ask(host, path, **options)
        assert answer.status == 200, answer.read()
        return json.loads(answer.read())

    def memory(self) -> int:
        """Resident bytes of the process."""
        fields = Path(f"/proc/{self.process.pid}/statm").read_text().split()
        return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.fixture(scope="session")
def _web(django_db_setup: None, top: Path) -> Iterator[Web]:
    with web_process(top / "web.log") as web:
        yield web


@contextmanager
def web_process(log_file: Path, **settled: str) -> Iterator[Web]:
    """A platform with these variables in its environment, which writes its log into the file."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {
        **os.environ,
        "VIBE_DATA_DIR": str(settings.DATA_DIR),
        "DATABASE_URL": _database_url(),
        "VIBE_PORT": str(port),
        "VIBE_URL": "",
        # Tests of hostile code, which may have come before in this process, plant others.
        "VIBE_SECRET_KEY": settings.SECRET_KEY,
        "REDIS_URL": "",
        "VIBE_BOOTSTRAP": "0",
        "DJANGO_SETTINGS_MODULE": "vibe.settings",
        **settled,
    }
    env.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)  # set for browser tests
    argv = [sys.executable, "-m", "daphne", "-v", "0", "-b", "127.0.0.1", "-p", str(port)]
    log = log_file.open("wb")
    process = subprocess.Popen(
        [*argv, *SOCKETS, "vibe.asgi:application"],
        env=env,
        cwd=settings.BASE_DIR,
        stdout=log,
        stderr=subprocess.STDOUT,
        preexec_fn=die_with_parent(),
    )

    def answers() -> bool:
        assert process.poll() is None, log_file.read_text()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    try:
        until(answers, lambda: log_file.read_text(), 2 * PATIENCE)
        yield Web(port, process)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)
        log.close()


@pytest.fixture
def web(_web: Web, transactional_db: None, preview_access: str) -> Web:
    owner, _ = User.objects.get_or_create(username="vera")
    _web.owner, _web.key = (owner if preview_access == "private" else None), ""
    return _web


@dataclass
class Site:
    """The platform as browsers address it, and the cookie of who is signed in there."""

    web: Web
    session: str

    @property
    def host(self) -> str:
        return settings.PUBLIC_HOST

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.web.port}"

    def cookie(self) -> dict[str, Any]:
        return {
            "name": SESSION_COOKIE,
            "value": self.session,
            # Chromium keeps it for plain HTTP here, too, but not when a test gives it that way.
            "url": f"https://{self.host}",
            "httpOnly": True,
            "secure": True,
            "sameSite": "Lax",
        }


@pytest.fixture
def site(web: Web, sandbox: Sandbox) -> Site:
    """With a session of the sandbox's owner."""
    session = SessionStore()
    session[SESSION_KEY] = str(sandbox.owner.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = sandbox.owner.get_session_auth_hash()
    session.save()
    return Site(web, session.session_key or "")


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Browser]:
    # Playwright runs a loop in this thread; rows are still written by this thread alone.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(
            executable_path=chromium_path, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture
def signed_in(browser: Browser, site: Site) -> Iterator[BrowserContext]:
    """A browser in which the sandbox's owner is signed in to the platform."""
    context = browser.new_context()
    context.set_default_timeout(20_000)
    context.add_cookies([cast(Any, site.cookie())])
    yield context
    context.close()


@pytest.fixture
def preview(signed_in: BrowserContext, web: Web, sandbox: Sandbox) -> Page:
    """The page of a preview, in a tab of the signed-in browser."""
    page = signed_in.new_page()
    page.goto(f"http://{web.host(sandbox)}/page")
    assert page.inner_text("h1") == "Previewed"
    return page
