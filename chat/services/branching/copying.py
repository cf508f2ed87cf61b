"""What is said in one conversation, copied into another under new ids."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from chat.models import Attachment, Conversation, Message, Part, Summary, Turn
from chat.services.attaching import copies
from chat.services.context.history import up_to_prompt
from chat.services.endings import IN_FLIGHT

AT_ONCE = 500  # rows in one statement


def copy_thread(source: Conversation, messages: Sequence[Message], target: Conversation) -> None:
    """Copy these messages, in their order, with their turns, parts, files and summaries; to be
    called in a transaction.

    The target has its sandbox already. A turn whose copied messages end with one of the person is
    still to be answered there. Nothing is counted as spent. Raises Refusal(limit): of attachments.
    """
    _Copying(source, messages, target).run()


class _Copying:
    def __init__(
        self, source: Conversation, messages: Sequence[Message], target: Conversation
    ) -> None:
        self.source, self.target = source, target
        self.originals = messages
        self.messages = {one.pk: _copy_of(one, conversation=target) for one in messages}
        # Of each turn, the last message that is copied.
        self.last = {one.turn_id: one for one in messages}
        self.turns: dict[str, Turn] = {}
        # What names a row of the source names its copy: cards link to previews, histories to files.
        self.renamed: dict[str, str] = {}
        if source.sandbox_id and target.sandbox_id:
            self.renamed[source.sandbox_id] = target.sandbox_id

    def run(self) -> None:
        files = self._files()
        self._copy_turns()
        for one in self.originals:
            self.messages[one.pk].turn = self.turns[one.turn_id]
        self._answer_last()
        Message.objects.bulk_create(self.messages.values(), AT_ONCE)
        for file, copy in files:
            Attachment.objects.filter(pk=copy.pk).update(
                message=self.messages[file.message_id or ""],
                conversation=self.target,
                position=file.position,
            )
        self._copy_summaries()
        self._copy_parts()

    def _files(self) -> list[tuple[Attachment, Attachment]]:
        """Attachments and their copies, which are to be given to the messages."""
        found = Attachment.objects.filter(message__in=self.originals).select_related("message")
        made = []
        for one in found.order_by("created_at", "id"):
            # The files of a request that is still to be answered come with that again.
            is_there = one.sandbox_id == self.source.sandbox_id and one.message != self.last.get(
                one.message.turn_id if one.message else ""
            )
            sandbox_id = self.target.sandbox_id if is_there else None
            owner_id = self.target.owner_id
            for copy in copies.copies([one], owner_id=owner_id, sandbox_id=sandbox_id):
                self.renamed[one.pk] = copy.pk
                made.append((one, copy))
        return made

    def _copy_turns(self) -> None:
        originals = list(self.source.turns.filter(pk__in=self.last).order_by("created_at", "id"))
        for turn in originals:
            copy = self._copy_of_turn(turn)
            copy.retry_of = self.turns.get(turn.retry_of_id or "")
            self.turns[turn.pk] = copy
        for turn in originals:
            # What gave way to a turn that is not copied gives way to none here.
            self.turns[turn.pk].superseded_by = self.turns.get(turn.superseded_by_id or "")
        Turn.objects.bulk_create(self.turns.values(), AT_ONCE)

    def _copy_of_turn(self, turn: Turn) -> Turn:
        copy: Turn = _copy_of(
            turn,
            conversation=self.target,
            cursor=0,
            worker="",
            waiting_for="",
            stop_requested_at=None,
            stop_after_step_at=None,
            finished_at=turn.finished_at or timezone.now(),
        )
        copy.input_tokens = copy.output_tokens = copy.requests = 0  # nothing was spent for it
        last = self.last[turn.pk]
        later = turn.messages.filter(role=Message.Role.USER, position__gt=last.position).count()
        asks = last.role == Message.Role.USER
        is_first = not any(
            one.turn_id == turn.pk and one.role == Message.Role.ASSISTANT for one in self.originals
        )
        if asks:
            copy.status, copy.error = Turn.Status.STOPPED, None
            told = [] if is_first else up_to_prompt(turn.history, later + 1, included=True)
        else:
            told = up_to_prompt(turn.history, later)
            if later:
                copy.status, copy.error = Turn.Status.COMPLETED, None
        copy.history = self._moved(told)
        return copy

    def _answer_last(self) -> None:
        """An empty answer after a request that has none, so that it can be asked for again."""
        if self.originals and self.originals[-1].role == Message.Role.USER:
            asked = self.messages[self.originals[-1].pk]
            self.messages[""] = Message(
                conversation=self.target,
                turn=asked.turn,
                role=Message.Role.ASSISTANT,
                position=asked.position + 1,
                created_at=asked.created_at,
            )

    def _copy_summaries(self) -> None:
        """Those that stand for turns that are told here too."""
        made = []
        for summary in Summary.objects.filter(through__in=list(self.turns)):
            through = self.turns[summary.through_id]
            if summary.steps <= len(through.history):
                copy = _copy_of(summary, conversation=self.target, through=through)
                copy.text = self._moved(summary.text)
                self.renamed[summary.pk] = copy.pk
                made.append(copy)
        Summary.objects.bulk_create(made, AT_ONCE)

    def _copy_parts(self) -> None:
        made = []
        for part in Part.objects.filter(message__in=self.originals):
            copy = _copy_of(part, message=self.messages[part.message_id], command=None)
            copy.arguments, copy.result = self._moved(part.arguments), self._moved(part.result)
            copy.text = self._moved(part.text)
            if part.state in (*IN_FLIGHT, Part.State.BACKGROUND):  # nothing of it runs there
                copy.state = Part.State.STOPPED
            made.append(copy)
        Part.objects.bulk_create(made, AT_ONCE)

    def _moved(self, value: Any) -> Any:
        """The value with the names of the copies."""
        text = json.dumps(value)
        for old, new in self.renamed.items():
            if old in text:
                text = text.replace(old, new)
        return json.loads(text)


def _copy_of(row: Any, **changes: Any) -> Any:
    """A new row like this one, not saved, with an id of its own."""
    fields = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if not field.primary_key and field.name not in changes
    }
    return type(row)(**fields, **changes)
