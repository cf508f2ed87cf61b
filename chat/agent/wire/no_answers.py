"""Answers of which nothing can be made."""

from __future__ import annotations


class AnswerCutOff(Exception):
    """The provider's stream ended before the answer did."""


class OutputLimitReached(Exception):
    """The model may not say more in one answer, and nothing can be made of what it said."""


class EmptyAnswer(Exception):
    """The model said nothing and called nothing, more than once."""

    def __init__(self, *, thoughts: bool) -> None:
        super().__init__()
        self.thoughts = thoughts
