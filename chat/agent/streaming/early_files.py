"""Writes files into the sandbox once the model has written them, before their call is whole."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from chat.agent import consent, modes
from chat.models import Conversation, Part
from chat.services import conversation_sandboxes
from chat.tools.context import Asks, TurnContext, call, running_sandbox
from chat.tools.workspace_paths import relative
from chat.tools.write_files.writing import FILE_LIMIT, write
from vibe.refusal import Refusal

logger = logging.getLogger(__name__)

BROKEN_OFF = "The call broke off before it was whole. What it had written by then is kept."
NOTHING_BY_THEN = "The call broke off before it was whole. Nothing was written."


@dataclass
class _Written:
    part_id: str
    path: str
    content: str
    facts: dict[str, Any]
    claimed: bool = False


class EarlyFiles:
    """Of one turn. Nothing is written early that the call itself could not write at that moment:
    only while the model may call the tool, when no other call of the same answer comes before,
    where mode and person allow it without a question, and until the first thing that does not
    work, which is then the call's own affair.
    """

    tool = "write_files"

    def __init__(self, context: TurnContext) -> None:
        self._context = context
        self._open = False
        self._written: list[_Written] = []
        self._last: asyncio.Task[None] | None = None

    def answer_begins(self, tools: Collection[str]) -> None:
        """`tools`: names of what the model may call in this answer."""
        self._open = self.tool in tools

    def call_begins(self, tool: str) -> None:
        """What a call before would do must come first: all after it is left to the calls."""
        self._open = self._open and tool == self.tool

    def take(self, part: Part, path: str, content: str) -> None:
        """A file of a call is complete: have it written after those before it."""
        if self._open:
            before = self._last
            work = self._write(before, part.pk, path, content)
            self._last = asyncio.create_task(work, name="file written early")

    async def claim(self, path: str, content: str) -> dict[str, Any] | None:
        """What is known of a file that was written early with this content; None when the call has
        to write it. Each is given once."""
        await self.settled()
        for one in self._written:
            if not one.claimed and (one.path, one.content) == (path, content):
                one.claimed, one.content = True, ""
                return one.facts
        return None

    async def of_part(self, part: Part) -> list[dict[str, Any]]:
        """The files that a call has written early, whether or not it then went well."""
        await self.settled()
        return [one.facts for one in self._written if one.part_id == part.pk]

    async def settled(self) -> None:
        """Wait until what was taken is written."""
        if self._last is not None:
            await asyncio.shield(self._last)

    async def broken_off(self, part: Part) -> dict[str, Any]:
        """The result of a call that ended before it was whole: no more is written for it."""
        self._open = False
        files = await self.of_part(part)
        return {"message": BROKEN_OFF if files else NOTHING_BY_THEN, "files": files}

    async def _write(
        self, before: asyncio.Task[None] | None, part_id: str, path: str, content: str
    ) -> None:
        if before is not None:
            await before
        if not self._open:
            return
        try:
            if len(content.encode(errors="replace")) > FILE_LIMIT:
                raise Refusal("too large", code="limit")
            name = relative(path)
            await self._allowed(path, content)
            if not await call(_has_one_sandbox, self._context.conversation_id):
                raise Refusal("no sandbox, or it is not known which", code="not_found")
            if self._context.files_saved is not None:
                await asyncio.shield(self._context.files_saved)
            sandbox = await running_sandbox(self._context)
            await self._allowed(path, content)
            if not self._open:
                return
            [facts] = await call(write, sandbox, [(name, content)])
        except (Asks, Refusal):
            # The call says or asks so itself, in words.
            self._open = False
        except Exception:
            logger.exception("A file of turn %s could not be written early", self._context.turn_id)
            self._open = False
        else:
            self._written.append(_Written(part_id, name, content, facts))

    async def _allowed(self, path: str, content: str) -> None:
        """Raise Refusal or Asks where the toolset would, for the call as far as it is known."""
        arguments = {"files": [{"path": path, "content": content}]}
        # An answer that was given is for another call; that one takes it up.
        context = replace(self._context, answer=None)
        if context.asked is not None:
            raise Asks(context.asked.kind, context.asked.asked)
        modes.check(self.tool, context)
        await consent.check(self.tool, arguments, context, "")


def _has_one_sandbox(conversation_id: str) -> bool:
    """Of several, the call may name another than the main one at its very end."""
    conversation = Conversation.objects.get(pk=conversation_id)
    known = conversation_sandboxes.list_for(conversation).values_list("pk", flat=True)
    return list(known) == [conversation.sandbox_id]


async def written_by(early: EarlyFiles | None, part: Part) -> dict[str, Any]:
    """For the result of a call that failed: files that were written all the same."""
    files = await early.of_part(part) if early else []
    return {"files": files} if files else {}
