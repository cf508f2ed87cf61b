"""The sandbox's socket: status, commands, ports and files of the page follow it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator

from sandboxes.models import Sandbox
from sandboxes.news import events
from sandboxes.routing import websocket_urlpatterns
from tests.fixtures.rows import make_command, make_sandbox
from vibe.accounts.models import User

TIMEOUT = 5
run = sync_to_async


@pytest.fixture
def sandbox(transactional_db: None) -> Sandbox:
    return make_sandbox(User.objects.create_user("alice"), status="stopped")


@asynccontextmanager
async def socket(user: Any, sandbox: Sandbox) -> AsyncIterator[Any]:
    path = f"/ws/sandboxes/{sandbox.pk}/"
    communicator = WebsocketCommunicator(URLRouter(websocket_urlpatterns), path)
    communicator.scope["user"] = user
    connected, _ = await communicator.connect(timeout=TIMEOUT)
    assert connected
    try:
        yield communicator
    finally:
        await communicator.disconnect(timeout=TIMEOUT)


async def frame_with(communicator: Any, wanted: str) -> dict[str, Any]:
    while True:
        frame = await communicator.receive_json_from(timeout=TIMEOUT)
        if wanted in str(frame):
            return frame


async def test_at_first_it_tells_how_everything_stands(sandbox: Sandbox) -> None:
    command = await run(make_command)(sandbox)
    async with socket(sandbox.owner, sandbox) as page:
        status = await page.receive_json_from(timeout=TIMEOUT)
        row = await page.receive_json_from(timeout=TIMEOUT)
        ports = await page.receive_json_from(timeout=TIMEOUT)
    assert 'hx-target="#sandbox-status"' in status["content"]
    assert f'id="row-{command.pk}"' in row["content"]
    assert ports == {"type": "ports", "ports": []}


async def test_a_new_command_gets_a_row(sandbox: Sandbox) -> None:
    async with socket(sandbox.owner, sandbox) as page:
        await frame_with(page, "ports")
        command = await run(make_command)(sandbox)
        await run(events.command_changed)(command)
        frame = await frame_with(page, command.pk)
        states = await frame_with(page, "'commands'")
    assert 'hx-swap="upsert"' in frame["content"]
    assert states["commands"] == {command.pk: "queued"}


async def test_a_session_that_changes_its_state_is_told(sandbox: Sandbox) -> None:
    async with socket(sandbox.owner, sandbox) as page:
        await frame_with(page, "ports")
        await run(Sandbox.objects.filter(pk=sandbox.pk).update)(status="pending")
        await run(events.session_changed)(sandbox)
        frame = await frame_with(page, "sandbox-status")
    assert "starting" in frame["content"]


async def test_changed_files_are_told(sandbox: Sandbox) -> None:
    async with socket(sandbox.owner, sandbox) as page:
        await frame_with(page, "ports")
        await run(events.files_changed)(sandbox.pk)
        assert await frame_with(page, "files") == {"type": "files", "written": True}


async def test_refused_hosts_are_told_with_their_commands(sandbox: Sandbox) -> None:
    async with socket(sandbox.owner, sandbox) as page:
        await frame_with(page, "ports")
        await run(events.hosts_refused)(sandbox.pk, ["cmd_b", "cmd_a"])
        told = await frame_with(page, "refused")
    assert told == {"type": "refused", "commands": ["cmd_a", "cmd_b"]}


async def test_somebody_elses_sandbox_is_closed_as_not_found(sandbox: Sandbox) -> None:
    bob = await run(User.objects.create_user)("bob")
    async with socket(bob, sandbox) as page:
        message = await page.receive_output(timeout=TIMEOUT)
    assert (message["type"], message["code"]) == ("websocket.close", 4404)
