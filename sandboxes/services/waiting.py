"""Awaiting what happens to sandboxes and commands, from the event loop, with no thread held."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import TypeVar

from sandboxes.models import Command, Drive, Sandbox, SandboxSession, Snapshot
from sandboxes.news import events
from sandboxes.services import drives
from vibe.data.database import in_thread
from vibe.streams.hub import SlowWatcher, hub
from vibe.streams.stream import EventStream

T = TypeVar("T")
Row = TypeVar("Row", Sandbox, Command)

# News may be lost while Redis is being restarted: the row is looked at this often anyway.
LOOK_SECONDS = 1.0


async def until(key: str, look: Callable[[], T | None], timeout: float | None) -> T | None:
    """What `look` finds in the database, looked up again at each event of the stream `key`.

    None after `timeout` seconds; without one it waits for as long as it takes.
    """

    def first_look() -> tuple[int, T | None]:
        # In this order: what happens in between comes as an event.
        return EventStream(key).last(), look()

    try:
        async with asyncio.timeout(timeout):
            while True:
                position, found = await in_thread(first_look)
                if found is not None:
                    return found
                try:
                    async with aclosing(hub().watch(key, position, idle=LOOK_SECONDS)) as news:
                        async for _ in news:
                            if (found := await in_thread(look)) is not None:
                                return found
                except SlowWatcher:
                    continue
    except TimeoutError:
        return None


async def settled(sandbox_id: str, timeout: float) -> Sandbox | None:
    """The sandbox once its session neither starts nor stops; None when that takes too long."""
    moving = (SandboxSession.Status.PENDING, SandboxSession.Status.STOPPING)

    def look() -> Sandbox | None:
        sandbox = Sandbox.objects.select_related("session").get(pk=sandbox_id)
        still = sandbox.session is not None and sandbox.session.status in moving
        return None if still else sandbox

    return await until(events.sandbox_key(sandbox_id), look, timeout)


async def no_longer_starting(sandbox: Sandbox, timeout: float) -> Sandbox:
    """The sandbox once it runs or has failed, or as it is after `timeout`."""

    def look() -> Sandbox | None:
        found = Sandbox.objects.select_related("session").get(pk=sandbox.pk)
        return None if found.status == Sandbox.Status.PENDING else found

    found = await until(events.sandbox_key(sandbox.pk), look, timeout)
    return found or await _again(Sandbox, sandbox.pk)


async def policy_in_force(sandbox_id: str, seen: int, timeout: float) -> Sandbox:
    """The sandbox once an event after `seen` has told that its network policy is in force."""
    news = EventStream(events.sandbox_key(sandbox_id))

    def look() -> bool | None:
        told = any(event.get("type") == "network" for _, event in news.read(seen))
        return told or None

    await until(events.sandbox_key(sandbox_id), look, timeout)
    return await _again(Sandbox, sandbox_id)


async def started(command: Command, timeout: float) -> Command | None:
    """The command once it runs, has ended or could not be started."""

    def look() -> Command | None:
        found = Command.objects.get(pk=command.pk)
        return None if found.status == Command.Status.QUEUED else found

    return await until(events.sandbox_key(command.sandbox_id), look, timeout)


async def finished_within(command: Command, timeout: float) -> Command:
    """The command once it has ended, or as it is after `timeout`."""
    return await _finished(command.pk, timeout) or await _again(Command, command.pk)


async def finished(command_id: str) -> Command:
    """The command once it has ended, however long that takes."""
    found = await _finished(command_id, None)
    assert found is not None
    return found


async def _finished(command_id: str, timeout: float | None) -> Command | None:

    def look() -> Command | None:
        found = Command.objects.get(pk=command_id)
        return found if found.is_finished else None

    return await until(events.done_key(command_id), look, timeout)


async def drive_copied(drive: Drive, timeout: float | None = None) -> Drive:
    """The drive once it holds its files or has failed; or as it is after `timeout`."""

    def look() -> Drive | None:
        found = drives.list_for(drive.owner).get(pk=drive.pk)
        return None if found.status == Drive.Status.COPYING else found

    return await until(events.drive_key(drive.pk), look, timeout) or drive


async def snapshot_made(snapshot: Snapshot, timeout: float | None = None) -> Snapshot:
    """The snapshot once it is made, has failed or was deleted; or as it is after `timeout`."""

    def look() -> Snapshot | None:
        found = Snapshot.objects.get(pk=snapshot.pk)
        return None if found.status == Snapshot.Status.CREATING else found

    key = events.sandbox_key(snapshot.sandbox_id or "")
    return await until(key, look, timeout) or snapshot


async def _again(kind: type[Row], key: str) -> Row:
    return await in_thread(kind._default_manager.get, pk=key)
