"""Somebody who holds things open on a platform, and the ways in which the right to them ends."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.fixtures.platform import Client, Platform

WITHIN = 3.0
# What stands open says nothing, while that of several people is opened and ended one by one.
STANDING = httpx.Timeout(60, read=600)
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
        httpx.AsyncClient(base_url=person.platform.url, timeout=STANDING) as client,
        client.stream(method, path, **options) as answer,
    ):
        assert answer.status_code == 200, await answer.aread()
        yield answer


async def last_line(answer: httpx.Response, lines: AsyncIterator[str] | None = None) -> str:
    """What it said last, of the `lines` that nobody has read yet; "cut" where it broke off."""
    line = ""
    try:
        async for found in lines or answer.aiter_lines():
            line = found or line
    except (httpx.RemoteProtocolError, httpx.ReadError):
        return "cut"
    return line


async def all_end(
    opened: dict[str, Opened], end: Callable[[], Any], word: str, what: str = ""
) -> None:
    """Every one says so, within the time. `what`: of which end a failure tells."""
    waiting = {name: asyncio.ensure_future(wait()) for name, wait in opened.items()}
    await asyncio.sleep(0)
    assert not any(task.done() for task in waiting.values())
    await asyncio.to_thread(end)
    began = time.monotonic()
    await asyncio.wait(waiting.values(), timeout=20)
    late = {name for name, task in waiting.items() if not task.done()}
    assert not late, what
    assert time.monotonic() - began < WITHIN, what
    told = {name: task.result() for name, task in waiting.items()}
    assert {name: words for name, words in told.items() if not re.search(word, words)} == {}, what


def sign_out(person: Person, browser: httpx.Client) -> None:
    token = token_of(browser, "/settings/")
    assert browser.post("/sign-out/", data=token).status_code == 302


def expire(person: Person, browser: httpx.Client) -> None:
    before = "2020-01-01 00:00:00"
    person.rows("UPDATE django_session SET expire_date=? WHERE session_key=?", before,
                browser.cookies["vibe_session"])  # fmt: skip


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
    ((owner,),) = person.rows("SELECT id FROM accounts_user WHERE username='somebody'")
    for table in ("sandboxes_sandbox", "chat_conversation"):
        person.rows(f"UPDATE {table} SET owner_id=? WHERE owner_id=?", owner, person.pk)


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
