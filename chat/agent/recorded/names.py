"""Ids and addresses of the recording, and those that stand in their place now."""

from __future__ import annotations

import re
from typing import Any

from chat.agent.demo.steps import Outcome
from chat.providers.recordings import RecordedCall

NOT_HERE = "(there is none this time)"


class Names:
    """Grows with each call that is made again."""

    def __init__(self) -> None:
        self._now: dict[str, str] = {}

    def learn(self, call: RecordedCall, outcome: Outcome) -> None:
        for field, recorded in call.names.items():
            found = outcome.data.get(field)
            self._now[recorded] = found if isinstance(found, str) and found else NOT_HERE

    def put_into(self, value: Any) -> Any:
        """The same text, list or dictionary with the present names."""
        match value:
            case str():
                return self._text(value)
            case list():
                return [self.put_into(item) for item in value]
            case dict():
                return {key: self.put_into(item) for key, item in value.items()}
            case _:
                return value

    def _text(self, text: str) -> str:
        if not self._now:
            return text
        # An address holds the id of its sandbox: the longest goes first, and in whole words.
        ordered = sorted(self._now, key=len, reverse=True)
        either = "|".join(re.escape(name) for name in ordered)
        return re.sub(rf"(?<!\w)(?:{either})(?!\w)", lambda found: self._now[found[0]], text)
