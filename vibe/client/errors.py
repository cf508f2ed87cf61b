"""The one error of the client, for people to read."""

from __future__ import annotations


class ClientError(Exception):
    """What happened and why, what to do next, and the exit code for the shell."""

    def __init__(self, message: str, hint: str = "", code: int = 1) -> None:
        super().__init__(f"{message} {hint}".strip())
        self.code = code
