"""What is open to a server in a sandbox ends within three seconds of the right to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import httpx
import pytest
from websockets.asyncio.client import connect

from tests.e2e.holding import (
    Opened,
    Person,
    all_end,
    deactivate,
    delete_sandbox,
    delete_user,
    ended,
    give_away,
    last_line,
    revoke,
    sign_out,
    streamed,
)
from tests.fixtures.waiting import until, until_async

pytestmark = pytest.mark.slow

# Says hello and then keeps every connection open: a socket, a stream of events, a download.
SERVER = """
import base64, hashlib, http.server, time

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.headers.get("Upgrade") == "websocket":
            secret = self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
            accepted = base64.b64encode(hashlib.sha1(secret.encode()).digest()).decode()
            self.send_response(101)
            self.send_header("Upgrade", "websocket")
            self.send_header("Connection", "Upgrade")
            self.send_header("Sec-WebSocket-Accept", accepted)
            self.end_headers()
            self.wfile.write(b"\\x81\\x05hello")
        elif self.path == "/events":
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(b"data: hello\\n\\n")
        else:
            self.send_response(200)
            self.send_header("Content-Length", "100000000")
            self.end_headers()
            self.wfile.write(b"hello\\n")
        self.wfile.flush()
        time.sleep(600)

    def log_message(self, *_):
        pass

http.server.ThreadingHTTPServer(("127.0.0.1", 3000), Handler).serve_forever()
"""


def serve(person: Person) -> str:
    """The server's host name, once it listens."""
    body = {"command": "python3", "args": ["-c", SERVER]}
    person.program("POST", f"sandboxes/{person.sandbox}/commands", body)
    ports = f"sandboxes/{person.sandbox}/ports"
    until(lambda: any(one["listening"] for one in person.program("GET", ports)["items"]))
    return person.platform.preview(person.sandbox)


@asynccontextmanager
async def opened_to(
    person: Person, shown: dict[str, str] | None = None
) -> AsyncIterator[dict[str, Opened]]:
    """One of each that a server may keep open; all have said hello. shown: what lets in, else the
    key of the sandbox's owner."""
    shown = shown or {"X-Vibe-Key": person.key}
    host = await asyncio.to_thread(serve, person)
    async with AsyncExitStack() as stack:
        joined = await stack.enter_async_context(
            connect(
                f"ws://{host}/",
                host="127.0.0.1",
                port=person.platform.port,
                compression=None,
                ping_interval=None,  # the server answers none
                additional_headers=shown,
            )
        )
        assert await joined.recv() == "hello"
        found: dict[str, Opened] = {"socket": lambda: ended(joined)}
        for name, path in (("events", "/events"), ("download", "/large")):
            answer = await stack.enter_async_context(
                streamed(person, "GET", path, headers={"Host": host, **shown})
            )
            lines = answer.aiter_lines()
            assert "hello" in await anext(lines)
            found[name] = lambda answer=answer, lines=lines: last_line(answer, lines)
        yield found


def stop_sandbox(person: Person) -> None:
    person.program("POST", f"sandboxes/{person.sandbox}/stop")


def only_mark_deleted(person: Person) -> None:
    """Its processes live on, as where its worker does not answer."""
    now = "UPDATE sandboxes_sandbox SET deleted_at=CURRENT_TIMESTAMP WHERE id=?"
    person.rows(now, person.sandbox)


ENDS: dict[Callable[[Person], None], str] = {
    delete_sandbox: "4404|1011",
    only_mark_deleted: "4404|1011",
    stop_sandbox: "1011",
    give_away: "4404",
    deactivate: "4401",
    delete_user: "4401|4404|1011",
    revoke: "4401",
}


async def test_what_a_preview_holds_open_ends(persons: Callable[[int], list[Person]]) -> None:
    """For one person after the other, while what the rest hold goes on."""
    async with AsyncExitStack() as stack:
        ends = []
        made = await asyncio.to_thread(persons, len(ENDS))
        for person, (end, code) in zip(made, ENDS.items(), strict=True):
            opened = await stack.enter_async_context(opened_to(person))
            # 1011, or whole: where the worker has ended the server before the guard looked.
            told = rf"^({code}) |^cut$|^$"
            ends.append(partial(all_end, opened, partial(end, person), told, end.__name__))
        for ending in ends:
            await ending()


async def entered(person: Person, browser: httpx.Client) -> dict[str, str]:
    """What the browser of somebody signed in has to say to the preview, once it was led in."""
    host = person.platform.preview(person.sandbox)
    opened = {"Host": host, "User-Agent": "Mozilla/5.0", "Accept": "text/html"}
    async with httpx.AsyncClient(base_url=person.platform.url) as client:
        asked = await client.get("/", headers=opened)
        door = asked.headers["Set-Cookie"].split(";")[0]
        led = await asyncio.to_thread(browser.get, path_of(asked), headers={"Accept": "*/*"})
        given = await client.get(path_of(led), headers={**opened, "Cookie": door})
    return {"Cookie": given.headers["Set-Cookie"].split(";")[0]}


def path_of(answer: httpx.Response) -> str:
    assert answer.status_code == 303, answer.text
    return str(httpx.URL(answer.headers["Location"]).raw_path, "ascii")


async def test_what_somebody_has_open_ends_when_he_signs_out(person: Person) -> None:
    browser = await asyncio.to_thread(person.browser)
    async with opened_to(person, await entered(person, browser)) as opened:
        await all_end(opened, lambda: sign_out(person, browser), r"^4401 |^cut$|^$")


async def test_what_a_link_has_opened_ends_when_that_is_taken_back(person: Person) -> None:
    port = f"sandboxes/{person.sandbox}/ports/3000"
    link = httpx.URL(person.program("PATCH", port, {"access": "link"})["link"])
    async with httpx.AsyncClient(base_url=person.platform.url) as client:
        host = person.platform.preview(person.sandbox)
        given = await client.get(str(link.raw_path, "ascii"), headers={"Host": host})
    shown = {"Cookie": given.headers["Set-Cookie"].split(";")[0]}
    async with opened_to(person, shown) as opened:

        def take_back() -> None:
            person.program("PATCH", port, {"access": "private"})

        await all_end(opened, take_back, r"^4404 |^cut$|^$")


async def test_nobody_is_let_in_to_the_preview_of_a_switched_off_user(person: Person) -> None:
    host = await asyncio.to_thread(serve, person)
    async with httpx.AsyncClient(base_url=person.platform.url) as client:

        async def status() -> int:
            shown = {"Host": host, "X-Vibe-Key": person.key}
            async with client.stream("GET", "/events", headers=shown) as answer:
                return answer.status_code

        assert await status() == 200
        await asyncio.to_thread(deactivate, person)

        async def is_refused() -> bool:
            return await status() != 200

        # What is known of a sandbox is known for a second.
        await until_async(is_refused, patience=3)
        assert await status() == 404
