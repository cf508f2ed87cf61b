"""A server that comes up in a real sandbox is noticed by a page that looks at it."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest
from asgiref.sync import sync_to_async

from sandboxes.consumers.ports import PortWatch
from sandboxes.services import commands, creating, readiness, spoken
from vibe.accounts.models import User

pytestmark = pytest.mark.sandbox
run = sync_to_async


async def test_a_port_is_told_when_it_opens_and_when_it_closes(
    owner: User, sandbox_worker: None
) -> None:
    sandbox = await run(creating.create_sandbox)(owner)
    sandbox = await run(readiness.wait_until_running)(sandbox)
    watch = PortWatch(sandbox)
    async with asyncio.timeout(30), aclosing(watch.changes()) as changes:
        assert (await anext(changes))[0][1]["ports"] == []
        server = await run(commands.run)(
            sandbox, "python3", ["-m", "http.server", "3000"], background=True
        )
        watch.look()
        assert (await anext(changes))[0][1]["ports"] == [3000]
        await run(commands.stop)(server)
        assert (await anext(changes))[0][1]["ports"] == []


async def test_a_port_that_turns_out_not_to_speak_http_is_told(
    owner: User, sandbox_worker: None
) -> None:
    sandbox = await run(creating.create_sandbox)(owner)
    sandbox = await run(readiness.wait_until_running)(sandbox)
    watch = PortWatch(sandbox)
    async with asyncio.timeout(30), aclosing(watch.changes()) as changes:
        assert (await anext(changes))[0][1]["ports"] == []
        await run(commands.run)(sandbox, "python3", ["-m", "http.server", "3000"], background=True)
        watch.look()
        assert "other" not in (await anext(changes))[0][1]
        spoken.heard(sandbox.session_id, 3000, http=False)
        watch.look()
        assert (await anext(changes))[0][1]["other"] == [3000]


async def test_a_stopped_sandbox_has_no_ports(owner: User, sandbox_worker: None) -> None:
    sandbox = await run(creating.create_sandbox)(owner, start=False)
    async with asyncio.timeout(10), aclosing(PortWatch(sandbox).changes()) as changes:
        assert await anext(changes) == [(0, {"type": "ports", "ports": []})]
