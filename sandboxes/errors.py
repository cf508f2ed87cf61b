"""The one error that services raise for people and programs to read."""

from __future__ import annotations


class SandboxError(Exception):
    """What happened and why (`message`), what to do next (`hint`), and a `code` for programs.

    code: not_found, not_running, conflict, invalid, limit, too_large, unavailable, denied or
    timeout.
    """

    def __init__(self, message: str, hint: str = "", code: str = "invalid") -> None:
        super().__init__(f"{message} {hint}".strip())
        self.message = message
        self.hint = hint
        self.code = code
