"""The tools of servers: asked for, kept with their server's health, and offered to models."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from chat.models import ToolServer
from chat.services.mcp import tool_servers
from chat.services.storable import storable
from chat.tool_servers import definitions
from chat.tool_servers.failure import ServerFailed
from chat.tool_servers.session import LIST_SECONDS, Session
from vibe.accounts.models import User
from vibe.shares.owner import of_user
from vibe.shares.shares import Busy, Shares

logger = logging.getLogger(__name__)

# A server that does not answer holds a thread of the web process so long.
SHARES = Shares("questions to servers of tools", total=16, each=3, waiting=16)
# After which its list is asked for again at the begin of a turn.
# A turn begins after so many seconds, whatever servers do; each of them has the second number.
PATIENCE, EACH = 10.0, 5.0
FRESH, FRESH_FAILED = timedelta(hours=1), timedelta(minutes=5)
# Of all servers together; what is more nobody could search through.
MOST_OFFERED = 500
# Above so many a model gets a search in place of them all.
MOST_SHOWN = 40
FOUND = 10


@dataclass(frozen=True)
class ServerTool:
    """A tool of a server. `shown` is the name that models call it by."""

    server: ToolServer
    name: str
    shown: str
    description: str
    schema: dict[str, Any]
    is_reading: bool


def check(server: ToolServer, asker: User, seconds: float = LIST_SECONDS) -> ToolServer:
    """Ask the server for its tools, and keep them with how that went. Raises Busy."""
    release = SHARES.take_now(of_user(asker.pk))
    try:
        listed = asyncio.run(_listed(server, seconds))
        tools = storable(definitions.cleaned(server.slug, listed))
    except ServerFailed as failed:
        server.is_healthy, server.last_error = False, f"{failed.message} {failed.hint}"[:500]
    else:
        server.is_healthy, server.last_error = True, ""
        before = {tool["name"]: tool for tool in server.tools}
        # What the operator has marked was another tool, if it reads otherwise now.
        same = {tool["name"] for tool in tools if before.get(tool["name"]) == tool}
        server.read_only = [name for name in server.read_only if name in same]
        server.tools = tools
    finally:
        release()
    server.checked_at = timezone.now()
    server.save(update_fields=["is_healthy", "last_error", "tools", "read_only", "checked_at"])
    return server


async def _listed(server: ToolServer, seconds: float) -> list[Any]:
    async with Session(tool_servers.place_of(server)) as session:
        return await session.tools(seconds)


def offered(user: User, *, plans: bool = False) -> dict[str, ServerTool]:
    """The tools that a model may call in the user's conversations, by the names it calls them by.
    In plan mode only those that the operator has marked. Old lists are asked for again."""
    found: dict[str, ServerTool] = {}
    deadline = time.monotonic() + PATIENCE
    for server in tool_servers.usable_by(user).select_related("owner"):
        left = deadline - time.monotonic()
        if left > 0 and _is_old(server):
            try:
                check(server, user, min(left, EACH))
            except Busy:
                logger.info("The tools of %s are asked for later", server.pk)
            except Exception:  # no server may keep turns from beginning
                logger.exception("The tools of %s could not be asked for", server.pk)
        marked = set(server.read_only) if server.owner_id is None else set()
        for tool in server.tools:
            reading = tool["name"] in marked
            if (reading or not plans) and len(found) < MOST_OFFERED:
                found.setdefault(tool["shown"], ServerTool(server, is_reading=reading, **tool))
    return found


def matching(tools: Iterable[ServerTool], words: str) -> list[ServerTool]:
    """Those that most of the words stand in, the best first."""
    wanted = set(words.lower().split()[:20])

    def score(tool: ServerTool) -> int:
        name, text = tool.shown.lower(), tool.description.lower()
        return sum(3 * (word in name) + (word in text) for word in wanted)

    ranked = sorted(((score(tool), tool) for tool in tools), key=lambda one: -one[0])
    return [tool for points, tool in ranked if points][:FOUND]


def _is_old(server: ToolServer) -> bool:
    if server.checked_at is None:
        return True
    fresh = FRESH if server.is_healthy else FRESH_FAILED
    return timezone.now() - server.checked_at > fresh
