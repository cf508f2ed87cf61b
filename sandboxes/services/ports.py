"""Ports that programs in a sandbox listen on, and the way to them."""

from __future__ import annotations

import asyncio
import socket

from django.conf import settings

from sandboxes.engine import PORTS_EACH, AgentClient, EngineError, Level
from sandboxes.engine.ports import IN_WORDS, is_usable
from sandboxes.host import handles, shares
from sandboxes.models import Sandbox, SandboxSession
from sandboxes.services.finding import not_found, not_running, running_session
from vibe.addresses import preview_origin
from vibe.data.database import in_thread
from vibe.refusal import Refusal

CALL_TIMEOUT = 10.0  # seconds that its agent has


def listening(sandbox: Sandbox, timeout: float = CALL_TIMEOUT) -> list[int]:
    """Ports on which something in the running sandbox listens, sorted."""
    try:
        found = _agent(running_session(sandbox)).ports(timeout)
    except EngineError as error:
        raise Refusal(str(error), error.hint, "unavailable") from error
    return [port for port in found if is_usable(port)]


def share_in_words(sandbox: Sandbox) -> str:
    """What to tell a program's author where the sandbox shares the host's ports; else nothing."""
    if sandbox.session is None or sandbox.session.isolation != Level.REDUCED:
        return ""
    first = shares.first_port_of(sandbox.number)
    last = first + PORTS_EACH - 2  # the one after it is its proxy's
    return f"Servers can open the ports {first} to {last} only; $PORT is {first}."


def url(sandbox: Sandbox, port: int) -> str:
    """Where a browser finds the port: a host of its own below the preview domain."""
    if not is_usable(port):
        raise Refusal(f"Port {port} has no address.", f"There are {IN_WORDS}.")
    return preview_origin(settings.PUBLIC_URL, settings.PREVIEW_DOMAIN, sandbox.id, port) + "/"


def connect(sandbox_id: str, port: int, timeout: float = 2.0) -> socket.socket:
    """A blocking socket connected to the port inside the sandbox; for threads.

    Raises Refusal (not_found, not_running, unavailable) and ConnectionRefusedError when
    nothing listens.
    """
    connected = asyncio.run(reach(sandbox_id, port, timeout))
    connected.setblocking(True)
    return connected


async def reach(sandbox_id: str, port: int, timeout: float = 2.0) -> socket.socket:
    """As `connect`, for an event loop; the socket does not block."""
    return await reach_by(await way_to(sandbox_id, port), port, timeout)


async def way_to(sandbox_id: str, port: int) -> AgentClient:
    """Who leads to the port, for as long as the sandbox's present session lasts."""
    session = await in_thread(_running, sandbox_id, port)
    try:
        return _agent(session)
    except EngineError as error:
        raise Refusal(str(error), error.hint, "unavailable") from error


async def reach_by(way: AgentClient, port: int, timeout: float = 2.0) -> socket.socket:
    """As `reach`, by a way that is known; the port is one of those that have it."""
    try:
        return await way.reach(port, timeout)
    except EngineError as error:
        raise Refusal(str(error), error.hint, "unavailable") from error


def _running(sandbox_id: str, port: int) -> SandboxSession:
    sandbox = (
        Sandbox.objects.select_related("session").filter(pk=sandbox_id, deleted_at=None).first()
    )
    if sandbox is None or not is_usable(port):
        raise not_found()
    if sandbox.session is None or sandbox.session.status != SandboxSession.Status.RUNNING:
        raise not_running(sandbox)
    return sandbox.session


def _agent(session: SandboxSession) -> AgentClient:
    handle = handles.handle_of(session)
    if handle is None:
        raise EngineError("The sandbox has no process yet.", "Try again in a moment.")
    return handles.agent_of(handle)
