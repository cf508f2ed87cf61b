"""Whatever is open ends within three seconds of the right to it, however that ended."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.holding import (
    WITHIN,
    Opened,
    Person,
    all_end,
    change_password,
    deactivate,
    delete_sandbox,
    delete_user,
    ended,
    expire,
    expire_key,
    give_away,
    last_line,
    revoke,
    sign_out,
    socket,
    streamed,
    take_scopes,
)
from tests.fixtures.platform import Client
from tests.fixtures.waiting import until, until_async
from vibe.addresses import LOCAL_HOST

pytestmark = pytest.mark.slow


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


UNAUTHORIZED, NOT_FOUND, DENIED = "4401 |unauthorized", "4404 |not_found|cut", "4401 |denied"


# How the right to what a page holds ends, and to what a program holds: for one person after the
# other, while those of the rest go on.
OF_PAGES: dict[Callable[[Person, httpx.Client], None], str] = {
    sign_out: UNAUTHORIZED,
    expire: UNAUTHORIZED,
    change_password: UNAUTHORIZED,
    deactivate: UNAUTHORIZED,
    give_away: NOT_FOUND,
}
OF_PROGRAMS: dict[Callable[[Person], None], str] = {
    revoke: UNAUTHORIZED,
    expire_key: UNAUTHORIZED,
    deactivate: UNAUTHORIZED,
    take_scopes: DENIED,
    give_away: NOT_FOUND,
    delete_user: "",
}


async def test_what_pages_hold_open_ends(persons: Callable[[int], list[Person]]) -> None:
    async with AsyncExitStack() as stack:
        ends = []
        made = await asyncio.to_thread(persons, len(OF_PAGES))
        for person, (end, word) in zip(made, OF_PAGES.items(), strict=True):
            browser = await asyncio.to_thread(person.browser)
            opened = await by_session(person, stack, browser)
            ends.append(partial(all_end, opened, partial(end, person, browser), word, end.__name__))
        for ending in ends:
            await ending()


async def test_what_programs_hold_open_ends(persons: Callable[[int], list[Person]]) -> None:
    async with AsyncExitStack() as stack:
        ends = []
        made = await asyncio.to_thread(persons, len(OF_PROGRAMS))
        for person, (end, word) in zip(made, OF_PROGRAMS.items(), strict=True):
            opened = await by_key(person, stack)
            ends.append(partial(all_end, opened, partial(end, person), word, end.__name__))
        for ending in ends:
            await ending()


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
        [{"name": f"__Host-{name}", "value": value, "url": f"https://{LOCAL_HOST}", "secure": True}
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
