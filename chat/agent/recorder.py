"""Turns the agent library's event stream into parts of the answer, at a pace pages can follow."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterable
from typing import Any

from pydantic_ai.messages import (
    AgentStreamEvent,
    FunctionToolResultEvent,
    PartDeltaEvent,
    PartEndEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
    ThinkingPart,
    ThinkingPartDelta,
    ToolCallPart,
    ToolCallPartDelta,
)

from chat.agent import arguments
from chat.agent.journal_thread import JournalThread
from chat.agent.streaming.early_files import EarlyFiles, written_by
from chat.agent.streaming.shown import ShownDraft
from chat.agent.wire.pieces import CLOSING
from chat.models import Part
from chat.services.journal import ENDED, Journal

TEXT_SECONDS = 0.04


class Recorder:
    """Feeds one turn's journal from its event loop.

    The journal works in a thread of its own, in order, with one database connection, so the loop
    never waits for the disk. Text is passed on at once when the last of it is TEXT_SECONDS ago,
    else together with what follows within that time.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        thread = JournalThread()
        self.do, self.shut = thread.do, thread.shut
        self._lock = asyncio.Lock()
        self._kinds: dict[int, str] = {}
        self._open: dict[int, Part] = {}
        self._drafts: dict[int, ShownDraft] = {}
        self._cards: dict[str, Part] = {}
        self._waiting: tuple[Part, str] | None = None
        self._flushed_at = 0.0
        self.early_files: EarlyFiles | None = None
        self._dirty = asyncio.Event()
        self._ticker = asyncio.create_task(self._tick(), name="recorder")

    async def handle(self, event: AgentStreamEvent) -> None:
        """Write down one event of the agent's run."""
        match event:
            case PartStartEvent(index=index, part=TextPart() | ThinkingPart() as part):
                self._open.pop(index, None)
                is_text = isinstance(part, TextPart)
                self._kinds[index] = Part.Kind.TEXT if is_text else Part.Kind.REASONING
                await self._add(index, part.content)
            case PartStartEvent(index=index, part=ToolCallPart() as call):
                await self._start_card(index, call)
            case PartDeltaEvent(index=index, delta=TextPartDelta(content_delta=text)) if (
                text == CLOSING
            ):
                await self._was_thought(index)
            case PartDeltaEvent(index=index, delta=TextPartDelta() as delta):
                await self._add(index, delta.content_delta)
            case PartDeltaEvent(index=index, delta=ThinkingPartDelta() as delta):
                await self._add(index, delta.content_delta or "")
            case PartDeltaEvent(index=index, delta=ToolCallPartDelta() as delta):
                await self._draft(index, delta)
            case PartEndEvent(index=index, part=ToolCallPart() as call):
                await self._end_card(index, call)
            case PartEndEvent(index=index):
                await self._end(index)
            case FunctionToolResultEvent(tool_call_id=call_id, part=result):
                await self._refused(call_id, result.model_response_str())

    async def change_card(self, call_id: str, **fields: Any) -> None:
        """Set fields of the card of a tool call."""
        part = self._cards.get(call_id)
        if part is None:
            return
        if fields.get("state") in (Part.State.FAILED, Part.State.STOPPED):
            written = await written_by(self.early_files, part)
            if written:
                fields["result"] = {**part.result, **fields.get("result", {}), **written}
        await self.do(self._journal.change, part, **fields)

    async def open_part(self, kind: str) -> Part:
        """A part of the answer that the model does not write; it is under way from now on."""
        async with self._lock:
            await self._flush()
            part = await self.do(self._journal.open, kind)
            await self.do(self._journal.change, part, state=Part.State.RUNNING)
        return part

    async def change_part(self, part: Part, **fields: Any) -> None:
        """Set fields of any part of the conversation, and tell pages of it."""
        known = self._cards.get(part.tool_call_id)
        if known is not None and known.pk == part.pk:
            known.result = part.result
        await self.do(self._journal.change, part, **fields)

    def adopt(self, parts: Iterable[Part]) -> None:
        """Cards of calls that the turn has made before it waited."""
        self._cards |= {part.tool_call_id: part for part in parts}

    async def step_done(self) -> None:
        """Pass on the last words of the model's step: what follows may be another message."""
        async with self._lock:
            await self._flush()
            self._open.clear()
            self._drafts.clear()

    async def close(self, *, asks: str = "") -> None:
        """Pass on what waits; afterwards only `do` may be called, and `shut`. `asks`: id of the
        call that waits for the person; it is not broken off."""
        self._ticker.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._ticker
        async with self._lock:
            await self._flush()
            for part in self._cards.values():
                if not asks or part.tool_call_id != asks:
                    await self._broken_off(part)

    async def _add(self, index: int, text: str) -> None:
        if not text:
            return
        async with self._lock:
            part = self._open.get(index)
            if part is None:
                await self._flush()
                part = await self.do(self._journal.open, self._kinds.get(index, Part.Kind.TEXT))
                self._open[index] = part
            if self._waiting is not None and self._waiting[0] is not part:
                await self._flush()
            self._waiting = (part, (self._waiting[1] if self._waiting else "") + text)
            if time.monotonic() - self._flushed_at >= TEXT_SECONDS:
                await self._flush()
        self._dirty.set()

    async def _flush(self) -> None:
        if self._waiting is not None:
            part, text = self._waiting
            self._waiting = None
            await self.do(self._journal.add_text, part, text)
            self._flushed_at = time.monotonic()

    async def _tick(self) -> None:
        """Passes on the tail of a text when the model pauses, and saves it half a second later."""
        while True:
            try:
                async with asyncio.timeout(0.5):
                    await self._dirty.wait()
            except TimeoutError:
                await self.do(self._journal.save_due)
                continue
            self._dirty.clear()
            await asyncio.sleep(max(0.0, self._flushed_at + TEXT_SECONDS - time.monotonic()))
            async with self._lock:
                await self._flush()
                late = [
                    await draft.show(self.do)
                    for index, draft in list(self._drafts.items())
                    if self._drafts.get(index) is draft  # not whole meanwhile
                ]
            if any(late):
                await asyncio.sleep(TEXT_SECONDS)
                self._dirty.set()

    async def _was_thought(self, index: int) -> None:
        """All text of the part so far: what follows is another part."""
        async with self._lock:
            await self._flush()
            part = self._open.pop(index, None)
            if part is not None:
                kind = Part.Kind.REASONING
                await self.do(self._journal.change, part, kind=kind, state=Part.State.DONE)

    async def _end(self, index: int) -> None:
        async with self._lock:
            await self._flush()
            part = self._open.pop(index, None)
            if part is not None:
                await self.do(self._journal.change, part, state=Part.State.DONE)

    async def _start_card(self, index: int, call: ToolCallPart) -> None:
        async with self._lock:
            await self._flush()
            part = await self.do(
                self._journal.open,
                Part.Kind.TOOL_CALL,
                tool=call.tool_name,
                tool_call_id=call.tool_call_id,
            )
        self._open[index] = self._cards[call.tool_call_id] = part
        if self.early_files is not None:
            self.early_files.call_begins(call.tool_name)
        draft = ShownDraft(self._journal, part, self.early_files)
        draft.add(call.args if isinstance(call.args, str) else "")
        self._drafts[index] = draft

    async def _draft(self, index: int, delta: ToolCallPartDelta) -> None:
        """While the model writes the arguments: show from time to time what is there so far."""
        draft = self._drafts.get(index)
        if draft is not None and isinstance(delta.args_delta, str):
            # Pieces may be a few characters each: the ticker reads them together.
            draft.add(delta.args_delta)
            self._dirty.set()

    async def _end_card(self, index: int, call: ToolCallPart) -> None:
        part = self._open.pop(index, None)
        if (draft := self._drafts.pop(index, None)) is not None:
            draft.read()
        if part is not None:
            # Some servers send the call's id only at its end.
            self._cards[call.tool_call_id] = part
            final = arguments.kept(call.args_as_dict())
            await self.do(
                self._journal.change,
                part,
                arguments=final,
                tool=call.tool_name[:100],
                tool_call_id=call.tool_call_id[:200],
            )

    async def _refused(self, call_id: str, message: str) -> None:
        """A result for a card that no tool settled: the call was wrong and never ran."""
        part = self._cards.get(call_id)
        if part is not None and part.state not in (*ENDED, Part.State.BACKGROUND):
            result = {"message": "The model called this tool in a wrong way.", "hint": message}
            result |= await written_by(self.early_files, part)
            await self.do(self._journal.change, part, state=Part.State.FAILED, result=result)

    async def _broken_off(self, part: Part) -> None:
        """The answer has ended in the midst of a call, or before it was carried out."""
        early = self.early_files
        if early is not None and part.tool == early.tool and part.state == Part.State.STREAMING:
            result = await early.broken_off(part)
            await self.do(self._journal.change, part, result=result)
