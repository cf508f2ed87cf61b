"""The answer to a request that cannot be granted."""

from __future__ import annotations


class Refused(Exception):
    """`code` is for the program, the text for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
