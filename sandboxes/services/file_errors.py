"""Failures of file operations in words for people and codes for programs."""

from __future__ import annotations

from sandboxes.engine import EngineError, FileError
from vibe.refusal import Refusal

_CODES = {
    "not_found": "not_found",
    "denied": "denied",
    "exists": "conflict",
    "changed": "conflict",
    "timeout": "timeout",
    "too_large": "too_large",
    "no_space": "limit",
}
_HINTS = {
    "not_found": "List the folder to see what is there.",
    "is_directory": "Name a file in it, or download it as an archive.",
    "not_a_directory": "Name a folder.",
    "not_regular": "Only ordinary files can be read and written: no pipes, sockets or devices.",
    "denied": "You can change what belongs to you below /vercel/sandbox, in your home and in /tmp. "
    "What sudo has made belongs to root: `sudo chown -R vercel-sandbox PATH` gives it to you.",
    "exists": "Choose another name, or remove the other one first.",
    "not_empty": "Remove it with everything in it (recursive).",
    "no_space": "Remove files that are not needed any more.",
    "changed": "Read it again and apply your change to what it says now.",
    "timeout": "Try again; for very large folders go step by step.",
    "invalid_archive": "Make it anew as tar, tar.gz or zip.",
}
_STOPPED = (
    "While a sandbox is stopped, only /vercel/sandbox and its home directory can be reached. "
    "Resume it to reach the rest."
)


def told(error: EngineError, *, stopped: bool = False) -> Refusal:
    """The Refusal for a failure; `stopped`: the sandbox did not run."""
    if not isinstance(error, FileError):
        return Refusal(str(error), error.hint or "Try again.", "unavailable")
    message = str(error)
    if not message.endswith((".", "!", "?")):
        message += "."
    hint = error.hint or _HINTS.get(error.code, "")
    if stopped and error.code == "denied":
        hint = _STOPPED
    return Refusal(message, hint, _CODES.get(error.code, "invalid"))
