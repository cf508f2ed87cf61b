"""Writes down what happens in a running turn: events for open pages, rows for keeps."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection
from functools import partial
from typing import Any, TypeVar

import redis
from django.db import DatabaseError, transaction
from django.utils import timezone

from chat.models import Message, Part, Turn
from chat.services import delivery
from chat.services.asking import waiting
from chat.services.asking.answer_forms import allows
from chat.services.asking.waiting import Asked
from chat.services.delivery import Telling
from chat.services.endings import end_turn
from chat.services.events import TurnStream
from chat.services.storable import storable

logger = logging.getLogger(__name__)

SAVE_SECONDS = 0.5
SAVE_CHARACTERS = 2048
# Longer answers show as they come, and are rendered at their end.
RENDERED_CHARACTERS = 60_000
OUTAGE_SECONDS = 60.0
OUTAGE_PAUSE = 0.25
ENDED = (Part.State.DONE, Part.State.FAILED, Part.State.STOPPED)

Result = TypeVar("Result")


class Journal:
    """Parts of one turn's answer. Not thread-safe: one thread writes a turn.

    A page renders the rows and then listens after `Turn.cursor`. So text goes out as an event
    first and is saved later together with the cursor, while a changed part is saved first and
    told afterwards; either way the page misses nothing, and offsets make overlaps harmless.
    """

    def __init__(self, turn: Turn) -> None:
        self.turn = turn
        answers = Message.objects.filter(turn=turn, role=Message.Role.ASSISTANT)
        self.message = answers.latest("position")
        self._stream = TurnStream(turn)
        self._position = self.message.parts.count()
        self._unsaved: dict[str, Part] = {}
        # Characters of a part when it was last looked at for blocks to render.
        self._shown: dict[str, int] = {}
        self._unsaved_characters = 0
        self._saved_at = time.monotonic()
        # The answer with which the turn goes on; once the row holds it, it is used.
        self.answer = waiting.given_answer(turn)

    def cards(self) -> list[Part]:
        """The cards of the calls that the answer has so far."""
        return list(self.message.parts.filter(kind=Part.Kind.TOOL_CALL))

    def open(self, kind: str, *, tool: str = "", tool_call_id: str = "") -> Part:
        """Begin a part at the end of the answer; it is being written from now on."""
        part = Part.objects.create(
            message=self.message,
            position=self._position,
            kind=kind,
            state=Part.State.STREAMING,
            tool=storable(tool[:100]),
            tool_call_id=storable(tool_call_id[:200]),
            started_at=timezone.now(),
        )
        self._position += 1
        self._tell(part)
        return part

    def add_text(self, part: Part, delta: str) -> None:
        """Append to a part's text; saved when half a second or two kilobytes are due."""
        delta = storable(delta)
        number = _despite_outage(lambda: self._stream.text_added(part, delta))
        part.text += delta
        self.turn.cursor = number
        self._unsaved[part.pk] = part
        self._unsaved_characters += len(delta)
        if self.save_due() and self._has_new_block(part):
            self._tell(part)

    def _has_new_block(self, part: Part) -> bool:
        """Whether more of its Markdown is whole since pages have last rendered it."""
        if part.kind != Part.Kind.TEXT or len(part.text) > RENDERED_CHARACTERS:
            return False
        shown, self._shown[part.pk] = self._shown.get(part.pk, 0), len(part.text)
        return "\n\n" in part.text[max(0, shown - 1) :]

    def add_file_text(
        self, part: Part, arguments: dict[str, Any], *, number: int, offset: int, delta: str
    ) -> None:
        """The model goes on writing a file in the arguments of a call: `delta` follows on the first
        `offset` characters of its file `number`, and the arguments are these now."""
        delta = storable(delta)
        told = partial(self._stream.file_text_added, part, number, offset, delta)
        self.turn.cursor = _despite_outage(told)
        part.arguments = storable(arguments)
        self._unsaved[part.pk] = part
        self._unsaved_characters += len(delta)
        self.save_due()

    def save_due(self) -> bool:
        """Save the text that waits, if it is due; whether it was."""
        late = time.monotonic() - self._saved_at >= SAVE_SECONDS
        if self._unsaved and (late or self._unsaved_characters >= SAVE_CHARACTERS):
            self._save()
            return True
        return False

    def change(self, part: Part, **fields: Any) -> None:
        """Set fields of a part (state, arguments, result, command), save and tell."""
        for name, value in fields.items():
            setattr(part, name, storable(value))
        names = list(fields)
        if part.state in ENDED and part.finished_at is None:
            part.finished_at = timezone.now()
            names.append("finished_at")
        if part.pk in self._unsaved:
            self._save()
        if names:
            Part.objects.filter(pk=part.pk).update(**{name: getattr(part, name) for name in names})
        self._tell(part)

    def note(self, words: str) -> None:
        """Add a sentence of the platform's own to the answer."""
        part = self.open(Part.Kind.NOTE)
        self.change(part, text=words, state=Part.State.DONE)

    def take_in(self, so_far: list[Any], telling: Telling, among: Collection[str]) -> list[Any]:
        """Let these of the messages that wait for this step into the turn; what they are to the
        model, in order.

        What the model says from now on is a message of its own, behind them.
        """
        self._save()
        delivered = delivery.deliver(self.turn, so_far, telling, among=among)
        if delivered is None:
            return []
        self.message = delivered.answer
        self._position = 0
        for message in delivered.messages:
            number = _despite_outage(partial(self._stream.message_added, message))
            self.turn.cursor = number
        self._save()
        return delivered.contents

    def keep(self, history: list[Any], **usage: int) -> None:
        """Save what the model saw so far, so that a retry after a crash goes on from there."""
        Turn.objects.filter(pk=self.turn.pk).update(history=storable(history), **usage)
        self.use_answer()

    def wait(self, asked: Asked, *, history: list[Any], **usage: int) -> None:
        """Let the turn wait for the person. When it was asked to stop meanwhile, it ends."""
        self._save()
        columns = {"history": storable(history), **usage}
        if not waiting.may_ask(self.turn):
            end_turn(self.turn.pk, Turn.Status.FAILED, error=waiting.TOO_MANY, columns=columns)
        elif not waiting.begin(self.turn, asked, columns=columns):
            end_turn(self.turn.pk, Turn.Status.STOPPED, columns=columns)

    def give_back(self) -> bool:
        """Leave the turn to another worker, if this one has not taken the answer up."""
        return waiting.give_back(self.turn)

    def use_answer(self) -> None:
        """The turn has gone on with the answer: another run must not. What allows a call is taken
        up by the call."""
        answer, self.answer = self.answer, None
        if answer is not None and not allows(answer):
            waiting.use(answer)

    def finish(
        self,
        status: str,
        *,
        error: dict[str, str] | None = None,
        history: list[Any],
        **usage: int,
    ) -> None:
        """End the turn. Text that waits is saved before, so that rows hold all of it.

        Whatever cannot be saved, the turn ends.
        """
        try:
            self._save()
        except (DatabaseError, ValueError):
            logger.exception("The last text of turn %s could not be saved", self.turn.pk)
        columns = {"history": storable(history), **usage}
        try:
            end_turn(self.turn.pk, status, error=error, columns=columns)
        except (DatabaseError, ValueError, TypeError):
            logger.exception("The history of turn %s could not be saved", self.turn.pk)
            end_turn(self.turn.pk, status, error=error)

    def _save(self) -> None:
        with transaction.atomic():
            for part in self._unsaved.values():
                Part.objects.filter(pk=part.pk).update(text=part.text, arguments=part.arguments)
            Turn.objects.filter(pk=self.turn.pk).update(cursor=self.turn.cursor)
        self._unsaved.clear()
        self._unsaved_characters = 0
        self._saved_at = time.monotonic()

    def _tell(self, part: Part) -> None:
        self.turn.cursor = _despite_outage(lambda: self._stream.part_changed(part))
        self._save()


def _despite_outage(append: Callable[[], Result]) -> Result:
    """Try again while Redis is away: the model's answer waits, nothing of it is lost."""
    deadline = time.monotonic() + OUTAGE_SECONDS
    while True:
        try:
            return append()
        except (redis.ConnectionError, redis.TimeoutError):
            if time.monotonic() > deadline:
                raise
            logger.warning("Redis does not answer; the turn waits for it")
            time.sleep(OUTAGE_PAUSE)
