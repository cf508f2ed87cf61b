"""Who serves the files of a sandbox: its agent while it runs, else a process of the host."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sandboxes.engine import FileError, FileOperations, Limits, SandboxGone, StoppedFiles
from sandboxes.host import handles, shares
from sandboxes.models import Sandbox, SandboxSession
from sandboxes.services import activity

# Of the process that serves a stopped sandbox; its budget bounds each file more closely.
STOPPED_LIMITS = Limits(memory_bytes=512 << 20, file_bytes=1 << 50)

Result = TypeVar("Result")


def agent(sandbox: Sandbox) -> FileOperations | None:
    """The agent of a sandbox that runs, which counts as use of it."""
    session = SandboxSession.objects.filter(
        pk=sandbox.session_id, status=SandboxSession.Status.RUNNING
    ).first()
    handle = handles.handle_of(session) if session else None
    if session is None or handle is None:
        return None
    activity.touch(session.pk)
    return handles.agent_of(handle)


def by(
    sandbox: Sandbox, running: FileOperations | None, operation: Callable[[FileOperations], Result]
) -> Result:
    """Carry it out by the agent of one that runs, else by a process of the host."""
    if running is not None:
        try:
            return operation(running)
        except SandboxGone:
            pass  # it has ended, and nobody has noticed yet: nothing has been done
    return operation(StoppedFiles(shares.root_of(sandbox), STOPPED_LIMITS))


def or_as_root(files: FileOperations, operation: Callable[[FileOperations], None]) -> None:
    """Carry it out as the user, and where he may not, as root of the sandbox. Raises what the user
    is told when root may not either, or is not there."""
    try:
        operation(files)
    except FileError as refused:
        if refused.code != "denied":
            raise
        try:
            operation(files.as_root())
        except FileError:
            raise refused from None
