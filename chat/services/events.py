"""Names and payloads of what happens in a conversation, as pages and programs hear of it."""

from __future__ import annotations

from chat.models import Message, Part, Turn
from vibe.streams.stream import EventStream, publish

# Seconds that the streams of an ended turn stay readable; afterwards the rows tell everything.
LIFETIME_AFTER_END = 900
LIFETIME_OF_STOP = 600


def conversation_key(conversation_id: str) -> str:
    return f"events:conversation:{conversation_id}"


def turn_key(turn_id: str) -> str:
    return f"events:turn:{turn_id}"


def check_key(check_id: str) -> str:
    """Holds one event once the check has ended."""
    return f"done:{check_id}"


def stop_key(turn_id: str) -> str:
    """Holds one event once somebody asked for the turn's end."""
    return f"stop:turn:{turn_id}"


def conversation_changed(conversation_id: str) -> None:
    """Title or sandbox are others now."""
    publish(conversation_key(conversation_id), type="conversation")


def turn_added(turn: Turn) -> None:
    """The conversation has a new turn (and perhaps got its title by it)."""
    publish(conversation_key(turn.conversation_id), type="turn", turn=turn.pk)
    conversation_changed(turn.conversation_id)


def queue_changed(conversation_id: str) -> None:
    """Other messages wait now, or the turn under way is asked to stop."""
    publish(conversation_key(conversation_id), type="queue")


def check_changed(conversation_id: str, turn_id: str, status: str) -> None:
    """The check of a turn has begun or ended."""
    publish(conversation_key(conversation_id), type="check", turn=turn_id, status=status)


def thread_changed(conversation_id: str) -> None:
    """Turns were set aside or brought back."""
    publish(conversation_key(conversation_id), type="thread")


def turn_started(turn_id: str) -> None:
    """A worker has taken the turn."""
    publish(turn_key(turn_id), type="turn", status=Turn.Status.RUNNING)


def stop_requested(turn_id: str) -> None:
    """Tell the worker of the turn to stop it. Raises redis.RedisError."""
    signal = EventStream(stop_key(turn_id))
    signal.append(type="stop")
    signal.finish(expire=LIFETIME_OF_STOP)


def problems_changed(conversation_id: str) -> None:
    """Errors were seen, decided on or resolved."""
    publish(conversation_key(conversation_id), type="problems")


class TurnStream:
    """Writes the events of one turn's answer. Each method but `finish` returns the number of its
    event, which is the cursor of who has read so far; all raise redis.RedisError.
    """

    def __init__(self, turn: Turn) -> None:
        """Numbers go on from the turn's cursor, also when Redis has lost the stream."""
        self._stream = EventStream(turn_key(turn.pk), after=turn.cursor)

    def text_added(self, part: Part, delta: str) -> int:
        """`delta` follows on the text that the part has so far."""
        return self._stream.append(type="text", part=part.pk, offset=len(part.text), delta=delta)

    def file_text_added(self, part: Part, number: int, offset: int, delta: str) -> int:
        """`delta` follows on what the model has written so far of the part's file `number`."""
        return self._stream.append(
            type="file", part=part.pk, file=number, offset=offset, delta=delta
        )

    def part_changed(self, part: Part) -> int:
        """The part is new or another: its row tells how."""
        return self._stream.append(type="part", part=part.pk, message=part.message_id)

    def message_added(self, message: Message) -> int:
        """The person has said something while the model was at work; an answer follows it."""
        return self._stream.append(type="message", message=message.pk)

    def turn_ended(self, status: str) -> int:
        return self._stream.append(type="turn", status=status)

    def turn_waits(self, waiting_for: str) -> int:
        return self._stream.append(type="turn", status=Turn.Status.WAITING, waiting_for=waiting_for)

    def turn_goes_on(self) -> int:
        return self._stream.append(type="turn", status=Turn.Status.QUEUED)

    def finish(self) -> None:
        """Nothing follows."""
        self._stream.finish(expire=LIFETIME_AFTER_END)
