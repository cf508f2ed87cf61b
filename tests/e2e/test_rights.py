"""Whatever is open ends within three seconds of the right to it, however that ended."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import Browser, expect
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.fixtures.platform import SESSION_COOKIE, Client, Platform
from tests.fixtures.waiting import until, until_async
from vibe.addresses import LOCAL_HOST

pytestmark = pytest.mark.slow
WITHIN = 3.0
PASSWORD = "correct horse battery"
Opened = Callable[[], Awaitable[str]]  # waits for the end; what was said there


@dataclass
class Person:
    """A user with a key, a browser and a running sandbox."""

    platform: Platform
    name: str
    program: Client
    key: str
    sandbox: str

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.platform.data_dir / "db.sqlite3", timeout=20) as database:
            return database.execute(statement, values).fetchall()

    @property
    def pk(self) -> int:
        return self.rows("SELECT id FROM accounts_user WHERE username=?", self.name)[0][0]

    def browser(self) -> httpx.Client:
        """Signed in by password."""
        browser = httpx.Client(base_url=self.platform.url, headers={"Origin": self.platform.url})

        def with_cookies(request: httpx.Request) -> None:
            """Secure ones too, as browsers on this machine do without TLS."""
            held = [f"{name}={value}" for name, value in browser.cookies.items()]
            request.headers["Cookie"] = "; ".join(held)

        browser.event_hooks = {"request": [with_cookies]}
        fields = {"username": self.name, "password": PASSWORD, **token_of(browser, "/sign-in/")}
        assert browser.post("/sign-in/", data=fields).status_code == 302
        return browser

    def command(self, script: str = "echo begun; exec sleep 600") -> str:
        body = {"command": "sh", "args": ["-c", script]}
        return self.program("POST", f"sandboxes/{self.sandbox}/commands", body)["id"]


def token_of(browser: httpx.Client, page: str) -> dict[str, str]:
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', browser.get(page).text)
    assert found
    return {"csrfmiddlewaretoken": found[1]}


@pytest.fixture(scope="module")
def names() -> Iterator[str]:
    return (f"person{number}" for number in range(1, 100))


@pytest.fixture
def person(platform: Platform, names: Iterator[str]) -> Person:
    name = next(names)
    code = (
        "from vibe.accounts.models import User; from vibe.accounts.services import api_keys\n"
        f"user = User.objects.create_user({name!r}, password={PASSWORD!r})\n"
        "print('KEYS', *(api_keys.create(user, '')[1] for _ in range(2)))"
    )
    ((kept, other),) = re.findall(r"KEYS (\w+) (\w+)", platform.manage("shell", "-c", code))
    program = Client(platform, kept)
    sandbox = program("POST", "sandboxes", {})["id"]
    until(lambda: program("GET", f"sandboxes/{sandbox}")["status"] == "running")
    return Person(platform, name, program, other, sandbox)


def socket(platform: Platform, path: str, **headers: str) -> Any:
    return connect(
        f"ws://127.0.0.1:{platform.port}{path}",
        origin=platform.url,
        additional_headers=headers,
        compression=None,
        max_size=None,
    )


async def ended(opened: Any) -> str:
    try:
        while True:
            await opened.recv()
    except ConnectionClosed as closed:
        assert closed.rcvd is not None
        return f"{closed.rcvd.code} {closed.rcvd.reason}"


@asynccontextmanager
async def streamed(
    person: Person, method: str, path: str, **options: Any
) -> AsyncIterator[httpx.Response]:
    async with (
        httpx.AsyncClient(base_url=person.platform.url, timeout=60) as client,
        client.stream(method, path, **options) as answer,
    ):
        assert answer.status_code == 200, await answer.aread()
        yield answer


async def last_line(answer: httpx.Response) -> str:
    line = ""
    try:
        async for found in answer.aiter_lines():
            line = found or line
    except (httpx.RemoteProtocolError, httpx.ReadError):
        return "cut"
    return line


async def by_session(
    person: Person, stack: AsyncExitStack, browser: httpx.Client
) -> dict[str, Opened]:
    """One of each that pages hold open."""
    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    command = person.command()
    terminal = person.program("POST", f"sandboxes/{person.sandbox}/terminals", {})["id"]
    talk = person.program("POST", "conversations", {"title": "x"})["id"]
    opened: dict[str, Opened] = {}
    for name, path in (
        ("log", f"/ws/commands/{command}/log/"),
        ("sandbox", f"/ws/sandboxes/{person.sandbox}/"),
        ("terminal", f"/ws/terminals/{terminal}/"),
        ("conversation", f"/ws/conversations/{talk}/"),
    ):
        one = await stack.enter_async_context(socket(person.platform, path, Cookie=cookie))
        opened[name] = lambda one=one: ended(one)
    follow = streamed(
        person, "GET", f"/api/v1/commands/{command}/logs?follow=1", headers={"Cookie": cookie}
    )
    answer = await stack.enter_async_context(follow)
    opened["follow"] = lambda: last_line(answer)
    return opened


async def by_key(person: Person, stack: AsyncExitStack) -> dict[str, Opened]:
    """One of each that programs hold open."""
    headers = {"Authorization": f"Bearer {person.key}"}
    program = Client(person.platform, person.key)
    command = person.command()
    native = f"/api/v1/commands/{command}"
    session = program("GET", f"sandboxes/{person.sandbox}")["session"]["id"]
    vercel = f"/vercel/v2/sandboxes/sessions/{session}"
    sleep = {"command": "sleep", "args": ["600"]}
    opened: dict[str, Opened] = {}
    for name, method, path, body in (
        ("follow", "GET", f"{native}/logs?follow=1", None),
        ("run", "POST", f"/api/v1/sandboxes/{person.sandbox}/run", sleep),
        ("vercel logs", "GET", f"{vercel}/cmd/{command}/logs", None),
        ("vercel run", "POST", f"{vercel}/cmd", {**sleep, "wait": True, "logs": True}),
        ("vercel wait", "GET", f"{vercel}/cmd/{command}?wait=true", None),
    ):
        answer = await stack.enter_async_context(
            streamed(person, method, path, headers=headers, json=body)
        )
        opened[name] = lambda answer=answer: last_line(answer)
    terminal = program("POST", f"sandboxes/{person.sandbox}/terminals", {})["id"]
    path = program("POST", f"terminals/{terminal}/connect")["path"]
    one = await stack.enter_async_context(socket(person.platform, path))
    opened["terminal"] = lambda: ended(one)
    async with httpx.AsyncClient(base_url=person.platform.url, headers=headers) as client:
        told = (await client.post(f"{vercel}/interactive", json={})).json()
    place = f"{told['url'].partition(str(person.platform.port))[2]}?token={told['token']}"
    typed = await stack.enter_async_context(socket(person.platform, place))
    await typed.send(json.dumps({"type": "start", "command": "cat"}))
    opened["interactive"] = lambda: ended(typed)
    return opened


async def all_end(opened: dict[str, Opened], end: Callable[[], Any], word: str) -> None:
    """Every one says so, within the time."""
    waiting = {name: asyncio.ensure_future(wait()) for name, wait in opened.items()}
    await asyncio.sleep(0)
    assert not any(task.done() for task in waiting.values())
    await asyncio.to_thread(end)
    began = time.monotonic()
    await asyncio.wait(waiting.values(), timeout=20)
    late = {name for name, task in waiting.items() if not task.done()}
    assert not late
    assert time.monotonic() - began < WITHIN
    told = {name: task.result() for name, task in waiting.items()}
    assert {name: words for name, words in told.items() if not re.search(word, words)} == {}


def sign_out(person: Person, browser: httpx.Client) -> None:
    token = token_of(browser, "/settings/")
    assert browser.post("/sign-out/", data=token).status_code == 302


def expire(person: Person, browser: httpx.Client) -> None:
    before = "2020-01-01 00:00:00"
    person.rows("UPDATE django_session SET expire_date=? WHERE session_key=?", before,
                browser.cookies[SESSION_COOKIE])  # fmt: skip


def change_password(person: Person, browser: httpx.Client) -> None:
    """In another browser, which stays signed in."""
    other = person.browser()
    fields = {
        "old_password": PASSWORD,
        "new_password1": "another horse battery",
        "new_password2": "another horse battery",
        **token_of(other, "/settings/"),
    }
    assert other.post("/settings/password/", data=fields).status_code == 302
    assert other.get("/settings/").status_code == 200


def deactivate(person: Person, *_: object) -> None:
    person.rows("UPDATE accounts_user SET is_active=0 WHERE id=?", person.pk)


def delete_user(person: Person, *_: object) -> None:
    code = f"from vibe.accounts.models import User; User.objects.get(pk={person.pk}).delete()"
    person.platform.manage("shell", "-c", code)


def give_away(person: Person, *_: object) -> None:
    (owner,) = person.rows("SELECT id FROM accounts_user WHERE username='somebody'") or [(None,)]
    if owner[0] is None:
        person.platform.manage("create_api_key", "somebody", "--create-user")
        (owner,) = person.rows("SELECT id FROM accounts_user WHERE username='somebody'")
    for table in ("sandboxes_sandbox", "chat_conversation"):
        person.rows(f"UPDATE {table} SET owner_id=? WHERE owner_id=?", owner[0], person.pk)


def delete_sandbox(person: Person, *_: object) -> None:
    person.program("DELETE", f"sandboxes/{person.sandbox}")


def revoke(person: Person, *_: object) -> None:
    row = next(
        key for key in person.program("GET", "keys")["items"]
        if person.key.startswith(key["prefix"])
    )  # fmt: skip
    person.program("DELETE", f"keys/{row['id']}")


def expire_key(person: Person, *_: object) -> None:
    person.rows("UPDATE accounts_apikey SET expires_at='2020-01-01 00:00:00' WHERE prefix=?",
                person.key[:11])  # fmt: skip


def take_scopes(person: Person, *_: object) -> None:
    person.rows("UPDATE accounts_apikey SET scopes='[\"chat\"]' WHERE prefix=?", person.key[:11])


UNAUTHORIZED, NOT_FOUND, DENIED = "4401 |unauthorized", "4404 |not_found|cut", "4401 |denied"


@pytest.mark.parametrize(
    ("end", "word"),
    [
        (sign_out, UNAUTHORIZED),
        (expire, UNAUTHORIZED),
        (change_password, UNAUTHORIZED),
        (deactivate, UNAUTHORIZED),
        (give_away, NOT_FOUND),
    ],
)
async def test_what_pages_hold_open_ends(
    person: Person, end: Callable[[Person, httpx.Client], None], word: str
) -> None:
    browser = await asyncio.to_thread(person.browser)
    async with AsyncExitStack() as stack:
        opened = await by_session(person, stack, browser)
        await all_end(opened, lambda: end(person, browser), word)


@pytest.mark.parametrize(
    ("end", "word"),
    [
        (revoke, UNAUTHORIZED),
        (expire_key, UNAUTHORIZED),
        (deactivate, UNAUTHORIZED),
        (take_scopes, DENIED),
        (give_away, NOT_FOUND),
    ],
)
async def test_what_programs_hold_open_ends(
    person: Person, end: Callable[[Person], None], word: str
) -> None:
    async with AsyncExitStack() as stack:
        await all_end(await by_key(person, stack), lambda: end(person), word)


async def test_a_deleted_user_has_nothing_open(person: Person) -> None:
    async with AsyncExitStack() as stack:
        await all_end(await by_key(person, stack), lambda: delete_user(person), "")


async def test_a_deleted_sandbox_has_nothing_open(person: Person) -> None:
    browser = await asyncio.to_thread(person.browser)
    async with AsyncExitStack() as stack:
        opened = await by_session(person, stack, browser) | await by_key(person, stack)
        del opened["conversation"]
        await all_end(opened, lambda: delete_sandbox(person), "")


async def test_a_download_whose_client_does_not_read_is_cut(person: Person) -> None:
    person.command("truncate -s 400M large; echo done")
    path = f"/api/v1/sandboxes/{person.sandbox}/files/content?path=large"
    headers = {"Authorization": f"Bearer {person.key}"}
    until(lambda: person.program("GET", f"sandboxes/{person.sandbox}/files?path=.")["items"])
    async with httpx.AsyncClient(base_url=person.platform.url) as client:
        answer = await client.send(client.build_request("GET", path, headers=headers), stream=True)
        assert answer.status_code == 200
        connection = answer.extensions["network_stream"].get_extra_info("socket")
        ports = connection.getsockname()[1], connection.getpeername()[1]
        await asyncio.to_thread(revoke, person)
        began = time.monotonic()
        await until_async(lambda: _is_cut(*ports), patience=WITHIN)
        assert time.monotonic() - began < WITHIN
        await answer.aclose()


def _is_cut(local: int, remote: int) -> bool:
    """Whether the other side has hung up, though what it sent before is still there to read."""
    with open("/proc/net/tcp") as table:
        rows = [line.split() for line in table][1:]
    states = {
        row[3] for row in rows
        if row[1].endswith(f":{local:04X}") and row[2].endswith(f":{remote:04X}")
    }  # fmt: skip
    return states != {"01"}


async def test_the_events_of_a_turn_end(person: Person) -> None:
    talk = person.program("POST", "conversations", {"title": "x"})["id"]
    code = (
        "from chat.models import Turn\n"
        f"turn = Turn.objects.create(conversation_id={talk!r}, model='demo', status='queued')\n"
        "print('TURN', turn.pk)"
    )
    turn = re.findall(r"TURN (\w+)", person.platform.manage("shell", "-c", code))[0]
    headers = {"Authorization": f"Bearer {person.key}"}
    path = f"/api/v1/turns/{turn}/events"
    async with AsyncExitStack() as stack:
        # It sends nothing yet, not even headers, so it is not waited for here.
        told = asyncio.create_task(_read_all(person, path, headers))
        opened = await by_key(person, stack)
        opened["events"] = lambda: told
        await all_end(opened, lambda: revoke(person), UNAUTHORIZED)


async def _read_all(person: Person, path: str, headers: dict[str, str]) -> str:
    async with streamed(person, "GET", path, headers=headers) as answer:
        return (await answer.aread()).decode()


async def test_those_of_others_go_on(person: Person, program: Client) -> None:
    headers = {"Authorization": f"Bearer {person.program.key}"}
    command = person.command()
    async with (
        streamed(
            person, "GET", f"/api/v1/commands/{command}/logs?follow=1", headers=headers
        ) as kept,
        streamed(
            person, "GET", f"/api/v1/commands/{command}/logs?follow=1",
            headers={"Authorization": f"Bearer {person.key}"},
        ) as lost,
    ):  # fmt: skip
        lines = kept.aiter_lines()
        assert "begun" in await anext(lines)
        await asyncio.to_thread(revoke, person)
        assert "unauthorized" in await last_line(lost)
        person.program("POST", f"commands/{command}/stop")
        assert "killed" in await anext(lines)


async def test_the_preview_of_a_deleted_sandbox_ends(person: Person) -> None:
    """Also when its processes live on for a while."""
    server = (
        "import http.server as h\nclass H(h.BaseHTTPRequestHandler):\n  def do_GET(self):\n"
        "    self.send_response(200); self.end_headers(); self.wfile.write(b'hello\\n')\n"
        "    self.wfile.flush(); import time; time.sleep(600)\n"
        "h.ThreadingHTTPServer(('127.0.0.1', 3000), H).serve_forever()"
    )
    body = {"command": "python3", "args": ["-c", server]}
    person.program("POST", f"sandboxes/{person.sandbox}/commands", body)
    until(lambda: person.program("GET", f"sandboxes/{person.sandbox}/ports")["items"])
    host = {"Host": person.platform.preview(person.sandbox)}
    async with AsyncExitStack() as stack:
        answer = await stack.enter_async_context(streamed(person, "GET", "/", headers=host))
        now = "UPDATE sandboxes_sandbox SET deleted_at=CURRENT_TIMESTAMP WHERE id=?"
        await all_end(
            {"page": lambda: last_line(answer)},
            lambda: person.rows(now, person.sandbox),
            "cut|hello",  # whole where the worker, which tidies up, has ended the server before
        )


@pytest.mark.browser
@pytest.mark.parametrize("kind", ["workbench", "log"])
def test_a_page_whose_person_was_signed_out_says_so(
    person: Person, browser: Browser, kind: str
) -> None:
    if kind == "log":
        path = f"/commands/{person.command()}/"
    else:
        path = f"/c/{person.program('POST', 'conversations', {'title': 'x'})['id']}/"
    signed_in = person.browser()
    context = browser.new_context()
    context.add_cookies(
        [{"name": name, "value": value, "url": f"https://{LOCAL_HOST}", "secure": True}
         for name, value in signed_in.cookies.items()]
    )  # fmt: skip
    page = context.new_page()
    with page.expect_websocket() as opened:
        page.goto(f"{person.platform.site}{path}")
    assert not opened.value.is_closed()
    expire(person, signed_in)
    notice = page.locator(".notice", has_text="You have been signed out.")
    expect(notice).to_be_visible()
    notice.get_by_role("link", name="Sign in").click()
    expect(page).to_have_url(re.compile(rf"/sign-in/\?next={quote(path, safe='')}"))
    context.close()
