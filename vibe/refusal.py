"""The one refusal of the platform: what a service says to people and programs when it will not."""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """Why, for programs. `status` is the answer over HTTP, wherever one is given."""

    INVALID = "invalid"
    STDIN_UNAVAILABLE = "stdin_unavailable"
    UNAUTHORIZED = "unauthorized"
    DENIED = "denied"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    CONFLICT = "conflict"
    NOT_RUNNING = "not_running"
    TOO_LARGE = "too_large"
    LIMIT = "limit"
    INTERNAL = "internal"
    UNAVAILABLE = "unavailable"
    TIMEOUT = "timeout"

    @property
    def status(self) -> int:
        return _STATUS[self]


_STATUS = {
    Code.INVALID: 400,
    Code.STDIN_UNAVAILABLE: 400,
    Code.UNAUTHORIZED: 401,
    Code.DENIED: 403,
    Code.NOT_FOUND: 404,
    Code.METHOD_NOT_ALLOWED: 405,
    Code.CONFLICT: 409,
    Code.NOT_RUNNING: 409,
    Code.TOO_LARGE: 413,
    Code.LIMIT: 429,
    Code.INTERNAL: 500,
    Code.UNAVAILABLE: 503,
    Code.TIMEOUT: 504,
}


class Refusal(Exception):
    """What happened and why (`message`), what to do next (`hint`), a `code` for programs, and
    after how many seconds to try again where that helps."""

    def __init__(
        self,
        message: str,
        hint: str = "",
        code: str = Code.INVALID,
        *,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(f"{message} {hint}".strip())
        self.message = message
        self.hint = hint
        self.code = Code(code)
        self.retry_after = retry_after
