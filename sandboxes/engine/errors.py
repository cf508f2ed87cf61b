"""What can go wrong in the engine. `str(error)` says what happened; `hint` what to do."""

from __future__ import annotations


class EngineError(Exception):
    """A sandbox could not do what was asked."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


# An agent answers in a millisecond unless something in its sandbox has crippled it.
RESTART = "If that goes on, stop the sandbox and resume it: its files are kept."


class EngineUnavailable(EngineError):
    """This machine cannot run sandboxes at the level that was asked for."""


class SandboxGone(EngineError):
    """The sandbox has ended, or its agent hung up."""


class AgentTimeout(EngineError):
    """The agent did not answer in time; the sandbox may still run."""

    def __init__(self, message: str, hint: str = RESTART) -> None:
        super().__init__(message, hint)


class AgentProtocolError(EngineError):
    """The agent answered something that it never should: treat the sandbox as hostile."""

    def __init__(self, message: str, hint: str = RESTART) -> None:
        super().__init__(message, hint)


class RequestRefused(EngineError):
    """The agent refused a request.

    `code`: invalid, exists, limit, not_found, in_use, ending, stdin_unavailable, gap, busy.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class FileError(EngineError):
    """A file operation failed.

    `code`: not_found, is_directory, not_a_directory, not_regular, too_large, denied, exists,
    not_empty, no_space, no_room, file_too_large, disk_reserve, invalid_path, invalid_archive,
    changed, timeout or error.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
