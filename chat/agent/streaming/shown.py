"""The card of a call while its arguments are being written, at a pace pages can follow."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any

from chat.agent import arguments
from chat.agent.streaming import drafts
from chat.agent.streaming.early_files import EarlyFiles
from chat.models import Part
from chat.services.journal import Journal

# New text of a file at work is told so often at most, and the card anew so often.
TEXT_SECONDS = 0.08
CARD_SECONDS = 0.3
# Arguments of other tools are read from their beginning each time, so no further than this.
LONGEST_READ = 50_000

Do = Callable[..., Awaitable[Any]]


class ShownDraft:
    """Takes the pieces of one call's arguments and passes on what they add to its card."""

    def __init__(self, journal: Journal, part: Part, early: EarlyFiles | None) -> None:
        self.part = part
        self._journal = journal
        self._early = early
        self._draft = drafts.of_tool(part.tool, self._whole)
        self._unread: list[str] = []
        self._text = ""
        self._read_at = self._told_at = time.monotonic()
        self._told: tuple[int, bool] = (0, False)
        self._number, self._shown = -1, 0

    def add(self, text: str) -> None:
        self._unread.append(text)

    def read(self) -> None:
        """Take in all that is there."""
        text = "".join(self._unread)
        self._unread.clear()
        if self._draft is not None:
            self._draft.feed(text)
        elif len(self._text) < LONGEST_READ:
            self._text += text

    async def show(self, do: Do) -> bool:
        """Tell what is new, if it is time; whether there is more to tell later."""
        now = time.monotonic()
        if now - self._read_at < TEXT_SECONDS:
            return True
        self._read_at = now
        self.read()
        may_change = now - self._told_at >= CARD_SECONDS
        if self._draft is None:
            return not may_change or await self._show_arguments(do)
        at_work = self._draft.at_work
        stands = (sum(bool(file.path) for file in self._draft.files), at_work is None)
        if stands != self._told:
            if not may_change:
                return True
            self._told, self._told_at = stands, now
            self._number, self._shown = len(self._draft.files) - 1, at_work.size if at_work else 0
            await do(self._journal.change, self.part, arguments=self._draft.arguments())
        elif at_work is not None and at_work.size > self._shown:
            delta, offset = at_work.after(self._shown), self._shown
            self._shown = at_work.size
            await do(
                self._journal.add_file_text,
                self.part,
                self._draft.arguments(),
                number=self._number,
                offset=offset,
                delta=delta,
            )
        return False

    async def _show_arguments(self, do: Do) -> bool:
        self._told_at = time.monotonic()
        found = arguments.draft(self._text)
        if found and found != self.part.arguments:
            await do(self._journal.change, self.part, arguments=found)
        return False

    def _whole(self, file: drafts.DraftFile) -> None:
        if self._early is not None:
            self._early.take(self.part, file.path, file.content)
