"""What comes next of a recording, by what its calls have come to so far. Knows no database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from chat.agent.demo.steps import Outcome
from chat.agent.recorded import words
from chat.agent.recorded.comparing import difference, ends_turn
from chat.agent.recorded.names import Names
from chat.providers.recordings import RecordedStep, RecordedTurn, Recording
from chat.rendering.suggestions import apart


@dataclass(frozen=True)
class Played:
    """The next answer: thought, text, calls; without calls the turn is over."""

    thought: str = ""
    text: str = ""
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    # Whether the recorded turn has been played to its end.
    complete: bool = False


@dataclass
class Player:
    """Where the recording stands: `part` counts the turns that have been played to their end."""

    recording: Recording
    part: int = 0
    names: Names = field(default_factory=Names)
    # Of the part that comes: whether it was begun before and did not come to its end.
    again: bool = False

    @property
    def is_over(self) -> bool:
        return self.part >= len(self.recording.turns)

    def skip(self, outcomes: Sequence[Outcome]) -> None:
        """Take note of an earlier turn, whose calls came to these outcomes."""
        if self.is_over:
            return
        if self._turn(outcomes).complete:
            self.part, self.again = self.part + 1, False
        else:
            self.again = True

    def next(self, outcomes: Sequence[Outcome], *, interrupted: bool = False) -> Played:
        """The next answer of the present turn. `interrupted`: the person wrote meanwhile."""
        if self.is_over:
            return Played(text=words.over(self.recording))
        played = self._turn(outcomes)
        if played.calls:
            return played
        end = words.end(self.recording, self.part, complete=played.complete)
        said = [played.text, words.MEANWHILE if interrupted else "", end]
        return Played(
            played.thought, "\n\n".join(part for part in said if part), complete=played.complete
        )

    def _turn(self, outcomes: Sequence[Outcome]) -> Played:
        turn = self.recording.turns[self.part]
        left = list(outcomes)
        said = words.begin(self.recording, self.part, again=self.again)
        for step in turn.steps:
            if not step.calls or len(left) < len(step.calls):
                if not step.calls and step is not turn.steps[-1]:
                    # Without a call nothing comes between this answer and the next.
                    said = _joined(said, self.names.put_into(apart(step.text)[0]))
                    continue
                return self._answer(turn, step, said, done=len(left))
            now, left = left[: len(step.calls)], left[len(step.calls) :]
            told = []
            for call, outcome in zip(step.calls, now, strict=True):
                self.names.learn(call, outcome)
                told.append(difference(call, outcome))
                if ends_turn(call, outcome):
                    return Played(text=_joined(*told, words.STOPPED))
            said = _joined(*told, words.GOES_ON if any(told) else "")
        return Played(text=said, complete=True)

    def _answer(self, turn: RecordedTurn, step: RecordedStep, said: str, *, done: int) -> Played:
        # What was offered there to be said next would here play the next part.
        text = _joined(said if not done else "", self.names.put_into(apart(step.text)[0]))
        calls = [(call.tool, self.names.put_into(call.arguments)) for call in step.calls[done:]]
        thought = self.names.put_into(step.thought)
        return Played(thought, text, calls, complete=not step.calls and step is turn.steps[-1])


def _joined(*pieces: str) -> str:
    return "\n\n".join(piece for piece in pieces if piece)
