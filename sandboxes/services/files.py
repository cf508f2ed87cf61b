"""The files of a running sandbox, read and written by its agent, inside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from sandboxes.engine import AgentClient, EngineError, FileEntry, FileError
from sandboxes.models import Sandbox
from sandboxes.services import events, isolation, sessions
from sandboxes.services.errors import SandboxError
from sandboxes.services.lifecycle import running_session

# Listed, but not entered: nobody looks for their own work in there.
NOT_ENTERED = ("node_modules", ".git", "__pycache__", ".venv", "venv", ".next", ".cache")
MAX_READ = 1_000_000
MAX_WRITE = 64 * 1024 * 1024

Result = TypeVar("Result")

_CODES = {"not_found": "not_found", "denied": "denied", "exists": "conflict", "timeout": "timeout"}


def list_files(
    sandbox: Sandbox, path: str = ".", limit: int = 5000
) -> tuple[list[FileEntry], bool]:
    """Everything below `path`, parents first; the flag says that the list was cut short."""
    return _ask(sandbox, lambda agent: agent.list_files(path, limit=limit, exclude=NOT_ENTERED))


def read_file(sandbox: Sandbox, path: str, max_bytes: int = MAX_READ) -> bytes:
    """A file's whole content; refused when it is larger than `max_bytes`."""
    return _ask(sandbox, lambda agent: agent.read_file(path, max_bytes))


def write_files(sandbox: Sandbox, files: Sequence[tuple[str, bytes]]) -> None:
    """Write files with their parent directories, each atomically; modes are kept."""
    size = sum(len(content) for _, content in files)
    if size > MAX_WRITE:
        raise SandboxError(
            f"{size} bytes are too much for one write.", "Write the files in parts.", code="limit"
        )
    _ask(sandbox, lambda agent: agent.write_files([(path, data, None) for path, data in files]))
    events.files_changed(sandbox.id)


def make_directory(sandbox: Sandbox, path: str) -> None:
    _ask(sandbox, lambda agent: agent.make_directory(path))
    events.files_changed(sandbox.id)


def remove(sandbox: Sandbox, path: str, *, recursive: bool = False) -> None:
    _ask(sandbox, lambda agent: agent.remove(path, recursive))
    events.files_changed(sandbox.id)


def move(sandbox: Sandbox, source: str, target: str) -> None:
    _ask(sandbox, lambda agent: agent.move(source, target))
    events.files_changed(sandbox.id)


def _ask(sandbox: Sandbox, operation: Callable[[AgentClient], Result]) -> Result:
    session = running_session(sandbox)
    handle = sessions.handle_of(session)
    assert handle is not None
    try:
        return operation(isolation.engine_of(handle).agent(handle))
    except FileError as error:
        raise SandboxError(str(error), error.hint, _CODES.get(error.code, "invalid")) from error
    except EngineError as error:
        raise SandboxError(str(error), error.hint, "unavailable") from error
