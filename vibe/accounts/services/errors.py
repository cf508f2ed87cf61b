"""The one error that account services raise for people to read."""

from __future__ import annotations


class AccountError(Exception):
    """What happened and why (`message`) and what to do next (`hint`)."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(f"{message} {hint}".strip())
        self.message = message
        self.hint = hint
